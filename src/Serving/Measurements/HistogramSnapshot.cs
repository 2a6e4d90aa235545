using System.Collections.Immutable;

namespace Gyre.Serving.Measurements;

/// <summary>A distribution as it stood at one moment. Immutable.</summary>
/// <param name="Bounds">The buckets' upper bounds, rising.</param>
/// <param name="Counts">
/// How many observations lie in each bucket and no lower one; one longer than <paramref name="Bounds"/>: the last has
/// no upper bound.
/// </param>
/// <param name="Sum">The observations' sum, in the unit of the bounds.</param>
public sealed record HistogramSnapshot(ImmutableArray<double> Bounds, ImmutableArray<long> Counts, double Sum)
{
    /// <summary>How many observations there are.</summary>
    public long Count => Counts.Sum();

    /// <summary>The observations of both, which have the same bounds.</summary>
    /// <exception cref="ArgumentException">The bounds differ.</exception>
    public HistogramSnapshot Plus(HistogramSnapshot other)
    {
        if (!Bounds.SequenceEqual(other.Bounds)) throw new ArgumentException("The bounds differ.", nameof(other));
        return new HistogramSnapshot(
            Bounds, [.. Counts.Zip(other.Counts, (mine, theirs) => mine + theirs)], Sum + other.Sum);
    }

    /// <summary>
    /// The same observations over fewer buckets; the sum stays exact. <paramref name="bounds"/> must all be bounds of
    /// this histogram.
    /// </summary>
    /// <exception cref="ArgumentException">A bound is none of this histogram.</exception>
    public HistogramSnapshot Over(ImmutableArray<double> bounds)
    {
        var counts = ImmutableArray.CreateBuilder<long>(bounds.Length + 1);
        var next = 0;
        foreach (var bound in bounds)
        {
            var at = Bounds.IndexOf(bound);
            if (at < next)
                throw new ArgumentException($"{bound} is not a bound, or not in rising order.", nameof(bounds));
            counts.Add(SumOf(next, at + 1));
            next = at + 1;
        }

        counts.Add(SumOf(next, Counts.Length));
        return new HistogramSnapshot(bounds, counts.MoveToImmutable(), Sum);
    }

    private long SumOf(int from, int to)
    {
        var sum = 0L;
        for (var i = from; i < to; i++) sum += Counts[i];
        return sum;
    }
}
