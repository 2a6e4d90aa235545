using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// How often what is called p per cent likely comes true. Binary tasks: the positive class. Multiclass: the class of the
/// highest probability ("confidence", Guo et al. 2017). Immutable.
/// </summary>
/// <param name="Bins">The bins that hold rows, by rising probability.</param>
/// <param name="ExpectedError">Expected calibration error: Σ share of rows × |mean probability − share that came
/// true|.</param>
public sealed record CalibrationCurve(ImmutableArray<CalibrationBin> Bins, double ExpectedError)
{
    /// <summary>Computes the curve.</summary>
    /// <param name="target">One per row: the position of the class.</param>
    /// <param name="predictions">One row per target, of a classification.</param>
    /// <param name="bins">The most bins, at least 1.</param>
    /// <param name="byQuantiles">Whether bins hold equal numbers of rows instead of equal stretches of
    /// probability.</param>
    public static CalibrationCurve Of(
        ReadOnlySpan<double> target, Predictions predictions, int bins = 10, bool byQuantiles = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var (scores, hits) = Confidence(target, predictions);
        var edges = byQuantiles ? QuantileEdges(scores, bins) : [.. Enumerable.Range(1, bins - 1).Select(i => (double)i / bins)];
        var (sums, came, rows) = (new double[edges.Length + 1], new double[edges.Length + 1], new int[edges.Length + 1]);
        for (var i = 0; i < scores.Length; i++)
        {
            // A value on an edge belongs to the bin below it, as in scikit-learn's calibration_curve.
            var at = Array.BinarySearch(edges, scores[i]);
            if (at < 0) at = ~at;
            sums[at] += scores[i];
            came[at] += hits[i];
            rows[at]++;
        }

        var error = 0.0;
        var filled = ImmutableArray.CreateBuilder<CalibrationBin>();
        for (var b = 0; b < rows.Length; b++)
        {
            if (rows[b] == 0) continue;
            var bin = new CalibrationBin(sums[b] / rows[b], came[b] / rows[b], rows[b], Wilson(came[b], rows[b]));
            filled.Add(bin);
            error += Math.Abs(bin.MeanProbability - bin.CameTrue) * rows[b] / scores.Length;
        }

        return new CalibrationCurve(filled.ToImmutable(), error);
    }

    private static (double[] Scores, double[] Hits) Confidence(ReadOnlySpan<double> target, Predictions predictions)
    {
        if (!predictions.Task.HasClasses())
            throw new ArgumentException("Only classifications have probabilities.", nameof(predictions));
        var (scores, hits) = (new double[target.Length], new double[target.Length]);
        for (var i = 0; i < scores.Length; i++)
        {
            var best = 0;
            for (var k = 1; k < predictions.Outputs; k++)
            {
                if (predictions.Values[(i * predictions.Outputs) + k] > predictions.Values[(i * predictions.Outputs) + best])
                    best = k;
            }

            scores[i] = predictions.Values[(i * predictions.Outputs) + best];
            hits[i] = (int)target[i] == (predictions.Outputs == 1 ? 1 : best) ? 1 : 0;
        }

        return (scores, hits);
    }

    private static double[] QuantileEdges(double[] scores, int bins)
    {
        var sorted = Quantiles.Sorted(scores);
        return [.. Enumerable.Range(1, bins - 1).Select(i => Quantiles.OfSorted(sorted, (double)i / bins)).Distinct()];
    }

    // The 95 % score interval of a share (Wilson 1927).
    private static ConfidenceInterval Wilson(double hits, double rows)
    {
        const double Z = 1.959963984540054;
        var share = hits / rows;
        var centre = (share + (Z * Z / (2 * rows))) / (1 + (Z * Z / rows));
        var half = Z / (1 + (Z * Z / rows)) * Math.Sqrt((share * (1 - share) / rows) + (Z * Z / (4 * rows * rows)));
        return new ConfidenceInterval(Math.Max(0, centre - half), Math.Min(1, centre + half), 0.95);
    }
}

/// <summary>Rows of like probability.</summary>
/// <param name="MeanProbability">What was predicted, on average.</param>
/// <param name="CameTrue">The share of rows for which it came true.</param>
/// <param name="Rows">How many rows there are.</param>
/// <param name="Interval">The 95 % interval of that share (Wilson).</param>
public sealed record CalibrationBin(double MeanProbability, double CameTrue, int Rows, ConfidenceInterval Interval);
