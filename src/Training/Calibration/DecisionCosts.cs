using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>What wrong decisions of a binary task cost, in any unit; right ones cost nothing.</summary>
/// <param name="FalsePositive">Calling a row positive that is not, above 0.</param>
/// <param name="FalseNegative">Missing a positive row, above 0.</param>
public sealed record DecisionCosts(double FalsePositive, double FalseNegative)
{
    /// <summary>What the decisions at a threshold cost, per row.</summary>
    public double At(ReadOnlySpan<double> target, Predictions predictions, double threshold)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        var cost = 0.0;
        for (var i = 0; i < target.Length; i++)
        {
            var called = predictions.Values[i] >= threshold;
            if (called != (target[i] == 1)) cost += called ? FalsePositive : FalseNegative;
        }

        return cost / target.Length;
    }

    /// <summary>
    /// The threshold that would have cost least on rows: halfway between the two scores that it parts, as a float32; of
    /// equally cheap ones the nearest to the threshold of calibrated probabilities, FP / (FP + FN) (Elkan 2001).
    /// </summary>
    /// <param name="target">One per row: 1 for the positive class.</param>
    /// <param name="predictions">Of models that had not seen the rows.</param>
    /// <exception cref="ArgumentException">The task is not binary, or the numbers of rows differ.</exception>
    public double CheapestThreshold(ReadOnlySpan<double> target, Predictions predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        if (predictions.Task != TaskKind.Binary)
            throw new ArgumentException("Only a binary task has a threshold.", nameof(predictions));
        var curve = ThresholdCurve.Of(target, predictions);
        var calibrated = FalsePositive / (FalsePositive + FalseNegative);
        var (best, least) = (0.5, double.PositiveInfinity);
        for (var i = 0; i < curve.Points.Length; i++)
        {
            var point = curve.Points[i];
            var cost = (FalsePositive * point.FalsePositives) + (FalseNegative * (curve.Positives - point.TruePositives));
            var (upper, lower) = (Math.Min(point.Threshold, 1), i + 1 < curve.Points.Length ? curve.Points[i + 1].Threshold : 0);
            var threshold = (upper + lower) / 2;
            if (cost > least || (cost == least && Math.Abs(threshold - calibrated) >= Math.Abs(best - calibrated))) continue;
            (best, least) = (threshold, cost);
        }

        return (float)best;
    }
}
