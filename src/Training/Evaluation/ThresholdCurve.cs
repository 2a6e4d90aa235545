using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// What a binary decision would be at every threshold: ROC, precision and recall, cumulative gain and lift are readings of
/// the same counts. Immutable.
/// </summary>
public sealed class ThresholdCurve
{
    private ThresholdCurve(ImmutableArray<ThresholdPoint> points, long positives, long negatives) =>
        (Points, Positives, Negatives) = (points, positives, negatives);

    /// <summary>One per distinct score, the highest first; rows from that score on are called positive. The first point
    /// calls none (threshold +∞).</summary>
    public ImmutableArray<ThresholdPoint> Points { get; }

    /// <summary>The rows that are positive.</summary>
    public long Positives { get; }

    /// <summary>The rows that are not.</summary>
    public long Negatives { get; }

    /// <summary>The curve of one class against the rest.</summary>
    /// <param name="target">One per row: the position of the class.</param>
    /// <param name="predictions">One row per target.</param>
    /// <param name="positive">The class; ignored for binary tasks, where it is the positive one.</param>
    /// <exception cref="ArgumentException">The task is regression, or the numbers of rows differ.</exception>
    public static ThresholdCurve Of(ReadOnlySpan<double> target, Predictions predictions, int positive = 1)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        if (!predictions.Task.HasClasses())
            throw new ArgumentException("Only classifications decide.", nameof(predictions));
        if (target.Length != predictions.Rows)
            throw new ArgumentException($"{target.Length} targets, {predictions.Rows} predictions.", nameof(target));
        if (predictions.Task == TaskKind.Binary) positive = 1;
        var column = predictions.Outputs == 1 ? 0 : positive;
        var scores = new double[target.Length];
        var hits = new bool[target.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = -predictions.Values[(i * predictions.Outputs) + column];
            hits[i] = (int)target[i] == positive;
        }

        Array.Sort(scores, hits);
        return Count(scores, hits);
    }

    /// <summary>True positives over positives against false positives over negatives, from (0, 0) to (1, 1).</summary>
    public ImmutableArray<(double FalsePositiveRate, double TruePositiveRate)> Roc() =>
        [.. Points.Select(p => ((double)p.FalsePositives / Negatives, (double)p.TruePositives / Positives))];

    /// <summary>Precision against recall, from recall 0 (precision 1 by convention) on.</summary>
    public ImmutableArray<(double Recall, double Precision)> PrecisionRecall() =>
        [.. Points.Select(p => ((double)p.TruePositives / Positives, p.Called == 0 ? 1 : (double)p.TruePositives / p.Called))];

    /// <summary>The share of positives among the highest-scored rows, by the share of rows: lift is their ratio.</summary>
    public ImmutableArray<(double Rows, double Positives)> Gain() =>
        [.. Points.Select(p => ((double)p.Called / (Positives + Negatives), (double)p.TruePositives / Positives))];

    private static ThresholdCurve Count(double[] ascending, bool[] hits)
    {
        var points = ImmutableArray.CreateBuilder<ThresholdPoint>();
        points.Add(new ThresholdPoint(double.PositiveInfinity, 0, 0));
        long trues = 0, falses = 0;
        for (var i = 0; i < ascending.Length; i++)
        {
            if (hits[i]) trues++;
            else falses++;
            if (i == ascending.Length - 1 || ascending[i + 1] != ascending[i])
                points.Add(new ThresholdPoint(-ascending[i], trues, falses));
        }

        return new ThresholdCurve(points.ToImmutable(), trues, falses);
    }
}

/// <summary>The counts at one threshold.</summary>
/// <param name="Threshold">Rows whose probability is at least this are called positive.</param>
/// <param name="TruePositives">Positive rows called positive.</param>
/// <param name="FalsePositives">Other rows called positive.</param>
public readonly record struct ThresholdPoint(double Threshold, long TruePositives, long FalsePositives)
{
    /// <summary>All rows called positive.</summary>
    public long Called => TruePositives + FalsePositives;
}
