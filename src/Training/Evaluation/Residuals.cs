using System.Collections.Immutable;
using Gyre.Numerics;

namespace Gyre.Training;

/// <summary>What a regression left over: actual − predicted, per row.</summary>
/// <param name="Predicted">The predictions of a sample of rows.</param>
/// <param name="Left">The residuals of the same rows.</param>
/// <param name="Mean">The mean residual of all rows: above 0 when predictions are too low on average.</param>
/// <param name="Deviation">Their standard deviation.</param>
/// <param name="Histogram">Their histogram over all rows, in equal bins between the 0.5 % and 99.5 % quantile; rows beyond
/// count in the outer bins.</param>
/// <param name="NormalQuantiles">Standardised quantiles against those of a normal distribution: on the diagonal where
/// residuals are normal.</param>
public sealed record Residuals(
    ImmutableArray<double> Predicted,
    ImmutableArray<double> Left,
    double Mean,
    double Deviation,
    ImmutableArray<HistogramBin> Histogram,
    ImmutableArray<(double Normal, double Residual)> NormalQuantiles)
{
    /// <summary>Computes them.</summary>
    /// <param name="target">One per row.</param>
    /// <param name="predictions">One row per target, of a regression.</param>
    /// <param name="sample">The most rows kept one by one.</param>
    /// <param name="seed">Draws them.</param>
    public static Residuals Of(ReadOnlySpan<double> target, Predictions predictions, int sample = 1000, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        var left = new double[target.Length];
        for (var i = 0; i < left.Length; i++) left[i] = target[i] - predictions.Values[i];
        var rows = left.Length > sample
            ? SeededRandom.ForStream(seed, 5).Sample(left.Length, sample)
            : [.. Enumerable.Range(0, left.Length)];
        var predicted = rows.Select(row => predictions.Values[row]).ToImmutableArray();
        var (mean, deviation) = (Moments.Mean(left), left.Length > 1 ? Moments.StandardDeviation(left) : 0);
        var sorted = Quantiles.Sorted(left);
        return new Residuals(
            predicted, [.. rows.Select(row => left[row])], mean, deviation, Bins(sorted), Normal(sorted, mean, deviation));
    }

    // The number of bins is that of Freedman and Diaconis (1981), 10 to 40.
    private static ImmutableArray<HistogramBin> Bins(double[] sorted)
    {
        var (low, high) = (Quantiles.OfSorted(sorted, 0.005), Quantiles.OfSorted(sorted, 0.995));
        if (!(high > low)) return [new HistogramBin(low - 0.5, high + 0.5, sorted.Length)];
        var spread = Quantiles.OfSorted(sorted, 0.75) - Quantiles.OfSorted(sorted, 0.25);
        var width = 2 * spread / Math.Cbrt(sorted.Length);
        var count = width > 0 ? (int)Math.Clamp((high - low) / width, 10, 40) : 10;
        var rows = new int[count];
        foreach (var value in sorted) rows[(int)Math.Clamp((value - low) / (high - low) * count, 0, count - 1)]++;
        return [.. rows.Select((r, i) => new HistogramBin(low + ((high - low) * i / count), low + ((high - low) * (i + 1) / count), r))];
    }

    private static ImmutableArray<(double, double)> Normal(double[] sorted, double mean, double deviation)
    {
        if (!(deviation > 0)) return [];
        var count = Math.Min(sorted.Length, 200);
        return [.. Enumerable.Range(0, count).Select(i => (i + 0.5) / count).Select(p =>
            (NormalDistribution.Quantile(p), (Quantiles.OfSorted(sorted, p) - mean) / deviation))];
    }
}

/// <summary>A bin of a histogram.</summary>
/// <param name="From">Its lower end.</param>
/// <param name="To">Its upper end.</param>
/// <param name="Rows">How many rows fall into it.</param>
public readonly record struct HistogramBin(double From, double To, int Rows);
