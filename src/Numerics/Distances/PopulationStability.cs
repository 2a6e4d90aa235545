namespace Gyre.Numerics;

/// <summary>
/// The population stability index between two histograms over the same bins: Σ (q − p)·ln(q / p), the symmetrised
/// Kullback-Leibler divergence of Jeffreys. Empty bins are smoothed: every bin of a histogram counts
/// <c>smoothing</c> more, so that the index stays finite.
/// </summary>
public static class PopulationStability
{
    /// <summary>What is added to every bin's count by default (Jeffreys' prior).</summary>
    public const double DefaultSmoothing = 0.5;

    /// <summary>The index; 0 for equal shares. By custom below 0.1 is called stable, above 0.25 a shift.</summary>
    /// <param name="reference">The reference's counts, one per bin, not negative.</param>
    /// <param name="window">The other sample's counts, over the same bins.</param>
    /// <param name="smoothing">
    /// Added to every count, 0 or more; with 0 the index is infinite where only one bin is empty.
    /// </param>
    /// <returns>The index, or NaN when a sample is empty and smoothing is 0.</returns>
    /// <exception cref="ArgumentException">The lengths differ or are 0.</exception>
    public static double Index(
        ReadOnlySpan<double> reference, ReadOnlySpan<double> window, double smoothing = DefaultSmoothing)
    {
        if (reference.Length != window.Length || reference.IsEmpty)
            throw new ArgumentException($"{reference.Length} and {window.Length} bins cannot be compared.", nameof(window));
        ArgumentOutOfRangeException.ThrowIfNegative(smoothing);
        var total = Sum(reference) + (smoothing * reference.Length);
        var windowTotal = Sum(window) + (smoothing * window.Length);
        var index = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            double p = (reference[i] + smoothing) / total, q = (window[i] + smoothing) / windowTotal;
            if (p != q) index += (q - p) * Math.Log(q / p);
        }

        return total == 0 || windowTotal == 0 ? double.NaN : index;
    }

    /// <summary>
    /// What the index is on average when both samples come from the same distribution: about (k − 1)(1/n + 1/m), since
    /// the
    /// index over 1/n + 1/m follows a χ² distribution with k − 1 degrees of freedom (Yurdakul, "Statistical properties
    /// of
    /// population stability index", 2018). A window of 100 rows over 10 bins shows 0.09 without any drift.
    /// </summary>
    /// <param name="bins">The number k of bins that are not empty, at least 1.</param>
    /// <param name="referenceRows">The rows n of the reference, at least 1.</param>
    /// <param name="windowRows">The rows m of the window, at least 1.</param>
    public static double ExpectedWithoutDrift(int bins, double referenceRows, double windowRows) =>
        Math.Max(bins - 1, 0) * ((1 / referenceRows) + (1 / windowRows));

    /// <summary>
    /// The index that is exceeded without drift only with the probability that belongs to <paramref name="z"/>: the χ²
    /// quantile by Wilson and Hilferty (1931), scaled as in <see cref="ExpectedWithoutDrift"/>.
    /// </summary>
    /// <param name="bins">The number of bins that are not empty, at least 1.</param>
    /// <param name="referenceRows">The rows of the reference, at least 1.</param>
    /// <param name="windowRows">The rows of the window, at least 1.</param>
    /// <param name="z">The standard normal quantile of that probability; 3.09 stands for one in a thousand.</param>
    public static double QuantileWithoutDrift(int bins, double referenceRows, double windowRows, double z = 3.09)
    {
        double degrees = bins - 1;
        if (degrees < 1) return 0;
        var root = 1 - (2 / (9 * degrees)) + (z * Math.Sqrt(2 / (9 * degrees)));
        return degrees * root * root * root * ((1 / referenceRows) + (1 / windowRows));
    }

    private static double Sum(ReadOnlySpan<double> counts)
    {
        var sum = 0.0;
        foreach (var count in counts) sum += count;
        return sum;
    }
}
