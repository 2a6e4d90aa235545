using Gyre.Numerics;

namespace Gyre.Training.Boosting;

/// <summary>
/// How one feature's float32 values become bytes. A number's bin is the count of edges below it; a category's bin is
/// its code. The bin behind the last value bin holds missing values.
/// </summary>
internal sealed class FeatureBins
{
    /// <summary>Edges are chosen from at most so many values; more would not move quantiles that bins can
    /// resolve.</summary>
    private const int SampleSize = 200_000;

    private readonly float[] _edges;

    private FeatureBins(float[] edges, int valueBins, bool categorical) =>
        (_edges, ValueBins, IsCategorical) = (edges, valueBins, categorical);

    /// <summary>The number of bins of values, 1 to 255.</summary>
    public int ValueBins { get; }

    /// <summary>The bin of missing values; also the number of bins less one.</summary>
    public int MissingBin => ValueBins;

    public bool IsCategorical { get; }

    /// <summary>The largest value of a bin's range: x ≤ edge is in this bin or one before; +∞ for the last
    /// bin.</summary>
    public float UpperEdge(int bin) => bin < _edges.Length ? _edges[bin] : float.PositiveInfinity;

    public static FeatureBins ForCategories(int count) => new([], Math.Max(count, 1), categorical: true);

    /// <summary>
    /// One bin per distinct value with edges halfway between; when there are more than <paramref name="maxBins"/>, one
    /// for each frequent value and equal parts of the others.
    /// </summary>
    public static FeatureBins ForNumbers(float[] values, int maxBins, ulong seed)
    {
        var sorted = Sample(values, seed);
        Array.Sort(sorted);
        var (distinct, counts) = Distinct(sorted);
        var edges = distinct.Length <= maxBins ? Between(distinct) : BetweenFrequent(distinct, counts, maxBins);
        return new FeatureBins(edges, edges.Length + 1, categorical: false);
    }

    /// <summary>The bin of a value.</summary>
    public byte BinOf(float value)
    {
        if (float.IsNaN(value)) return (byte)MissingBin;
        if (IsCategorical) return (byte)value;
        int low = 0, high = _edges.Length;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (value <= _edges[middle]) high = middle;
            else low = middle + 1;
        }

        return (byte)low;
    }

    private static float[] Sample(float[] values, ulong seed)
    {
        if (values.Length <= SampleSize) return Array.FindAll(values, v => !float.IsNaN(v));
        var rows = new SeededRandom(seed).Sample(values.Length, SampleSize);
        return Array.FindAll(Array.ConvertAll(rows, row => values[row]), v => !float.IsNaN(v));
    }

    private static (float[] Values, int[] Counts) Distinct(float[] sorted)
    {
        var values = new List<float>();
        var counts = new List<int>();
        foreach (var value in sorted)
        {
            if (values.Count == 0 || value != values[^1])
            {
                values.Add(value);
                counts.Add(0);
            }

            counts[^1]++;
        }

        return ([.. values], [.. counts]);
    }

    private static float[] Between(float[] distinct)
    {
        var edges = new float[Math.Max(distinct.Length - 1, 0)];
        for (var i = 0; i < edges.Length; i++) edges[i] = Middle(distinct[i], distinct[i + 1]);
        return edges;
    }

    // As in LightGBM: a value as frequent as the mean bin ends one, which it shares with no more than half a bin of
    // rarer values below it; the others share the bins that are left in equal parts. Plain quantiles would spend
    // several bins on one frequent value and leave the tails coarse.
    private static float[] BetweenFrequent(float[] distinct, int[] counts, int maxBins)
    {
        var rows = counts.Sum(count => (long)count);
        var frequent = Array.ConvertAll(counts, count => count * (long)maxBins >= rows);
        var (left, bins) = (rows, maxBins);
        for (var i = 0; i < frequent.Length; i++)
        {
            if (frequent[i]) (left, bins) = (left - counts[i], bins - 1);
        }

        var edges = new List<float>(maxBins);
        var inBin = 0;
        double wanted = (double)left / Math.Max(bins, 1);
        for (var i = 0; i < distinct.Length - 1 && edges.Count < maxBins - 1; i++)
        {
            inBin += counts[i];
            if (!frequent[i]) left -= counts[i];
            var full = inBin >= wanted || (frequent[i + 1] && inBin >= wanted / 2);
            if (!frequent[i] && !full) continue;
            edges.Add(Middle(distinct[i], distinct[i + 1]));
            inBin = 0;
            if (!frequent[i]) wanted = (double)left / Math.Max(--bins, 1);
        }

        return [.. edges];
    }

    // A float32 edge with low ≤ edge < high, as `x ≤ edge` must part the two.
    private static float Middle(float low, float high)
    {
        var middle = (float)(low + (((double)high - low) / 2));
        return middle >= low && middle < high ? middle : low;
    }
}
