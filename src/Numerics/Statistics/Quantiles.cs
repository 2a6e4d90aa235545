namespace Gyre.Numerics;

/// <summary>Quantiles by linear interpolation between order statistics (Hyndman and Fan type 7, numpy's
/// default).</summary>
public static class Quantiles
{
    /// <summary>The quantile of values in any order; NaN values are left out.</summary>
    /// <param name="values">The values; not changed.</param>
    /// <param name="probability">Which quantile, 0 to 1.</param>
    /// <returns>The quantile, or NaN when no value is left.</returns>
    public static double Of(ReadOnlySpan<double> values, double probability)
    {
        var sorted = Sorted(values);
        return sorted.Length == 0 ? double.NaN : OfSorted(sorted, probability);
    }

    /// <summary>The quantile of ascending values without NaN.</summary>
    /// <exception cref="ArgumentException">There are no values.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The probability is outside 0 to 1.</exception>
    public static double OfSorted(ReadOnlySpan<double> sorted, double probability)
    {
        if (sorted.IsEmpty) throw new ArgumentException("There are no values.", nameof(sorted));
        if (probability is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability is 0 to 1.");
        var position = probability * (sorted.Length - 1);
        var below = (int)position;
        if (below + 1 >= sorted.Length) return sorted[^1];
        var fraction = position - below;
        return fraction == 0 ? sorted[below] : sorted[below] + (fraction * (sorted[below + 1] - sorted[below]));
    }

    /// <summary>The median; NaN values are left out.</summary>
    public static double Median(ReadOnlySpan<double> values) => Of(values, 0.5);

    /// <summary>The values without NaN, ascending, in an array of their own.</summary>
    public static double[] Sorted(ReadOnlySpan<double> values)
    {
        var sorted = new double[values.Length];
        var count = 0;
        foreach (var value in values)
        {
            if (!double.IsNaN(value)) sorted[count++] = value;
        }

        Array.Resize(ref sorted, count);
        Array.Sort(sorted);
        return sorted;
    }
}
