using Gyre.Numerics;

namespace Gyre.Training.Boosting;

/// <summary>
/// Huber's loss: ½ r² up to |r| = δ, δ (|r| − ½ δ) beyond (Huber 1964). A leaf's value is the median of its residuals
/// plus the mean of what is left of them, cut to ±δ (Friedman 2001, section 4.4).
/// </summary>
internal sealed class HuberLoss(double delta) : BoostingLoss
{
    // The share of training rows that are not counted as outliers unless the user says where they begin.
    private const double Inliers = 0.9;

    public double Delta => delta;

    public override bool HasUnitHessian => true;

    public override bool RenewsLeaves => true;

    /// <summary>With δ 0: the distance from the target's median that nine tenths of the rows lie within.</summary>
    public static HuberLoss For(TrainingSet set, double delta)
    {
        if (delta > 0) return new HuberLoss(delta);
        var median = WeightedQuantile.Of(set.Target.ToArray(), set.Weights.ToArray(), 0.5);
        var distances = Array.ConvertAll(set.Target.ToArray(), y => Math.Abs(y - median));
        var chosen = WeightedQuantile.Of(distances, set.Weights.ToArray(), Inliers);
        return new HuberLoss(chosen > 0 ? chosen : 1);
    }

    public override float[] BaseScores(double[] target, double[]? weights) =>
        [(float)LeafValue([.. target], weights is null ? [] : [.. weights])];

    public override void FillGradients(double[][] scores, double[] target, float[][] gradients, int from, int to)
    {
        var (score, pairs) = (scores[0], gradients[0]);
        for (var row = from; row < to; row++)
        {
            pairs[2 * row] = (float)Math.Clamp(score[row] - target[row], -delta, delta);
            pairs[(2 * row) + 1] = 1;
        }
    }

    public override double Loss(double[][] scores, int row, double target)
    {
        var distance = Math.Abs(target - scores[0][row]);
        return distance <= delta ? 0.5 * distance * distance : delta * (distance - (0.5 * delta));
    }

    public override double LeafValue(Span<double> residuals, Span<double> weights)
    {
        var median = WeightedQuantile.Of(residuals, weights, 0.5);
        double sum = 0, total = 0;
        for (var i = 0; i < residuals.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            sum += weight * Math.Clamp(residuals[i] - median, -delta, delta);
            total += weight;
        }

        return total > 0 ? median + (sum / total) : median;
    }
}
