using System.Collections.Immutable;

namespace Gyre.Serving.Traffic.Statistics;

/// <summary>
/// Durations counted in buckets that grow by an eighth of an octave (9 %), from 1 µs to 16 s. Two add up bucket by
/// bucket. Immutable.
/// </summary>
internal sealed record LatencyHistogram(ImmutableArray<long> Counts)
{
    /// <summary>The number of buckets.</summary>
    public const int Buckets = 24 * PerOctave;

    private const int PerOctave = 8;

    /// <summary>Without any duration.</summary>
    public static LatencyHistogram Empty { get; } = new(ImmutableArray.Create(new long[Buckets]));

    /// <summary>How many durations.</summary>
    public long Total => Counts.Sum();

    /// <summary>The bucket of a duration.</summary>
    public static int BucketOf(TimeSpan duration)
    {
        var microseconds = duration.TotalMicroseconds;
        return microseconds <= 1 ? 0 : Math.Min(Buckets - 1, (int)(Math.Log2(microseconds) * PerOctave));
    }

    /// <summary>
    /// The duration that this share of all does not exceed, as the upper end of its bucket; null without durations.
    /// </summary>
    public TimeSpan? Quantile(double share)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(share * Total));
        var seen = 0L;
        for (var i = 0; i < Counts.Length; i++)
        {
            seen += Counts[i];
            if (seen >= wanted) return TimeSpan.FromMicroseconds(Math.Pow(2, (i + 1.0) / PerOctave));
        }

        return null;
    }

    /// <summary>How many durations lie in buckets above that of <paramref name="limit"/>.</summary>
    public long Above(TimeSpan limit)
    {
        var above = 0L;
        for (var i = BucketOf(limit) + 1; i < Counts.Length; i++) above += Counts[i];
        return above;
    }

    /// <summary>These and the others.</summary>
    public LatencyHistogram Add(LatencyHistogram other)
    {
        var sum = new long[Buckets];
        for (var i = 0; i < sum.Length; i++) sum[i] = Counts[i] + other.Counts[i];
        return new LatencyHistogram([.. sum]);
    }

    /// <summary>As it is stored: <c>bucket:count</c>, separated by blanks, without empty buckets.</summary>
    public string ToText() => string.Join(' ',
        Counts.Select((count, bucket) => (count, bucket)).Where(b => b.count > 0).Select(b => $"{b.bucket}:{b.count}"));

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    public static LatencyHistogram Parse(string text)
    {
        var counts = new long[Buckets];
        foreach (var part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            counts[int.Parse(part.AsSpan(0, colon))] = long.Parse(part.AsSpan(colon + 1));
        }

        return new LatencyHistogram([.. counts]);
    }
}
