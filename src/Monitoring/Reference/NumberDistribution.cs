using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gyre.Monitoring;

/// <summary>How the numbers of a column are distributed.</summary>
/// <param name="Mean">The mean; NaN without values.</param>
/// <param name="StandardDeviation">The population's standard deviation; NaN without values.</param>
/// <param name="Edges">
/// Ascending edges of the bins: bin i holds the values above edge i − 1 and up to edge i. Quantiles, so that the bins
/// hold
/// about equally many values; with few distinct values one bin each, and an empty one at both ends for values never
/// seen.
/// </param>
/// <param name="Counts">The values in each bin; one more than there are edges.</param>
/// <param name="SketchValues">
/// Ascending. Every distinct value when there are few, otherwise the means of slices of equally many values.
/// </param>
/// <param name="SketchWeights">How many values each stands for.</param>
public sealed record NumberDistribution(
    double Mean,
    double StandardDeviation,
    ImmutableArray<double> Edges,
    ImmutableArray<double> Counts,
    ImmutableArray<double> SketchValues,
    ImmutableArray<double> SketchWeights)
{
    private const int SketchSize = 200;

    /// <summary>The number of values.</summary>
    [JsonIgnore]
    public double Count => Counts.Sum();

    [JsonIgnore]
    internal bool IsWhole => !Edges.IsDefault && !Counts.IsDefault && !SketchValues.IsDefault && !SketchWeights.IsDefault
        && Counts.Length == Edges.Length + 1 && SketchValues.Length == SketchWeights.Length;

    internal static NumberDistribution Create(double[] sorted, int bins)
    {
        var distinct = Distinct(sorted, SketchSize);
        var edges = distinct is not null && distinct.Count <= bins ? EdgesAround(distinct) : QuantileEdges(sorted, bins);
        var (values, weights) = distinct is not null ? (distinct.Keys, distinct.Values) : Slices(sorted);
        var mean = sorted.Length == 0 ? double.NaN : sorted.Average();
        var variance = sorted.Length == 0 ? double.NaN : sorted.Average(value => (value - mean) * (value - mean));
        return new NumberDistribution(
            mean, Math.Sqrt(variance), [.. edges], [.. CountBins(sorted, edges)], [.. values], [.. weights]);
    }

    /// <summary>How many of some ascending values fall into each bin.</summary>
    internal static double[] CountBins(ReadOnlySpan<double> sorted, IReadOnlyList<double> edges)
    {
        var counts = new double[edges.Count + 1];
        var bin = 0;
        foreach (var value in sorted)
        {
            while (bin < edges.Count && value > edges[bin]) bin++;
            counts[bin]++;
        }

        return counts;
    }

    private static SortedList<double, double>? Distinct(double[] sorted, int limit)
    {
        var distinct = new SortedList<double, double>();
        foreach (var value in sorted)
        {
            if (distinct.Count > 0 && distinct.GetKeyAtIndex(distinct.Count - 1) == value)
                distinct.SetValueAtIndex(distinct.Count - 1, distinct.GetValueAtIndex(distinct.Count - 1) + 1);
            else if (distinct.Count == limit) return null;
            else distinct.Add(value, 1);
        }

        return distinct;
    }

    private static List<double> EdgesAround(SortedList<double, double> distinct)
    {
        var edges = new List<double>();
        for (var i = 0; i < distinct.Count; i++)
        {
            var value = distinct.GetKeyAtIndex(i);
            edges.Add(i == 0 ? Math.BitDecrement(value) : distinct.GetKeyAtIndex(i - 1) / 2 + value / 2);
        }

        if (distinct.Count > 0) edges.Add(distinct.GetKeyAtIndex(distinct.Count - 1));
        return edges;
    }

    private static List<double> QuantileEdges(double[] sorted, int bins)
    {
        var edges = new List<double>();
        for (var i = 1; i < bins; i++)
        {
            // The largest value of the lower i/bins of the sample: an edge that is a value and belongs to the lower
            // bin.
            var edge = sorted[Math.Max((int)Math.Ceiling((double)i * sorted.Length / bins) - 1, 0)];
            if (edge < sorted[^1] && (edges.Count == 0 || edge > edges[^1])) edges.Add(edge);
        }

        return edges;
    }

    private static (IEnumerable<double> Values, IEnumerable<double> Weights) Slices(double[] sorted)
    {
        var (values, weights) = (new double[SketchSize], new double[SketchSize]);
        for (var i = 0; i < SketchSize; i++)
        {
            var (from, to) = ((int)((long)i * sorted.Length / SketchSize), (int)((i + 1L) * sorted.Length / SketchSize));
            for (var row = from; row < to; row++) values[i] += (sorted[row] - values[i]) / (row - from + 1);
            weights[i] = to - from;
        }

        return (values, weights);
    }
}
