namespace Gyre.Numerics;

/// <summary>
/// Quantiles of weighted values: the inverse of the empirical distribution, its two neighbours' mean where the
/// distribution is level at the probability (Hyndman and Fan type 2). A weight of n is the same as n equal values.
/// </summary>
public static class WeightedQuantile
{
    /// <summary>The quantile, or 0 when there are no values or all weights are 0.</summary>
    /// <param name="values">Without NaN; sorted on return.</param>
    /// <param name="weights">One per value, 0 or more, in the values' order on return; empty when each counts as
    /// one.</param>
    /// <param name="probability">0 to 1.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Of(Span<double> values, Span<double> weights, double probability)
    {
        if (values.IsEmpty) return 0;
        if (weights.IsEmpty)
        {
            values.Sort();
            return OfSorted(values, probability);
        }

        if (weights.Length != values.Length)
            throw new ArgumentException($"{values.Length} values have {weights.Length} weights.", nameof(weights));
        values.Sort(weights);
        var total = 0.0;
        foreach (var weight in weights) total += weight;
        return total > 0 ? OfSorted(values, weights, probability * total, total) : 0;
    }

    private static double OfSorted(ReadOnlySpan<double> sorted, double probability)
    {
        var position = probability * sorted.Length;
        var at = Math.Clamp((int)Math.Ceiling(position) - 1, 0, sorted.Length - 1);
        return position == at + 1 && at + 1 < sorted.Length ? Middle(sorted[at], sorted[at + 1]) : sorted[at];
    }

    private static double OfSorted(
        ReadOnlySpan<double> sorted, ReadOnlySpan<double> weights, double wanted, double total)
    {
        // Weights of whole numbers sum exactly; others may miss a level place by rounding, which moves the result to a
        // neighbour.
        var sum = 0.0;
        var last = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (weights[i] == 0) continue;
            sum += weights[i];
            last = i;
            if (sum < wanted) continue;
            return sum == wanted && sum < total ? Middle(sorted[i], NextCounted(sorted, weights, i)) : sorted[i];
        }

        return sorted[last];
    }

    private static double NextCounted(ReadOnlySpan<double> sorted, ReadOnlySpan<double> weights, int at)
    {
        for (var i = at + 1; i < sorted.Length; i++)
        {
            if (weights[i] > 0) return sorted[i];
        }

        return sorted[at];
    }

    private static double Middle(double low, double high) => low + ((high - low) / 2);
}
