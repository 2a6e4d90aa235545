namespace Gyre.Numerics;

/// <summary>Means and variances. Sums run in float64 over deviations, so large offsets do not cancel digits
/// away.</summary>
public static class Moments
{
    /// <summary>The arithmetic mean, or NaN without values.</summary>
    public static double Mean(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) return double.NaN;
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum / values.Length;
    }

    /// <summary>The mean weighted by non-negative weights, or NaN when they sum to 0.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double WeightedMean(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        if (values.Length != weights.Length)
            throw new ArgumentException($"{values.Length} values have {weights.Length} weights.", nameof(weights));
        double sum = 0, total = 0;
        for (var i = 0; i < values.Length; i++)
        {
            sum += values[i] * weights[i];
            total += weights[i];
        }

        return total == 0 ? double.NaN : sum / total;
    }

    /// <summary>The variance, two passes.</summary>
    /// <param name="values">The values.</param>
    /// <param name="degreesOfFreedomLost">0 divides by n (a population), 1 by n − 1 (a sample; the default).</param>
    /// <returns>The variance, or NaN when the divisor is not positive.</returns>
    public static double Variance(ReadOnlySpan<double> values, int degreesOfFreedomLost = 1)
    {
        if (values.Length <= degreesOfFreedomLost) return double.NaN;
        var mean = Mean(values);
        var sum = 0.0;
        foreach (var value in values) sum += (value - mean) * (value - mean);
        return sum / (values.Length - degreesOfFreedomLost);
    }

    /// <summary>The square root of <see cref="Variance"/>.</summary>
    public static double StandardDeviation(ReadOnlySpan<double> values, int degreesOfFreedomLost = 1) =>
        Math.Sqrt(Variance(values, degreesOfFreedomLost));
}
