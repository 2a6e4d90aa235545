using Gyre.Primitives;

namespace Gyre.Training.Boosting;

/// <summary>
/// Half the Poisson deviance of counts or rates y ≥ 0 whose mean is e^score: e^score − y·score, less its least value.
/// </summary>
internal sealed class PoissonLoss : BoostingLoss
{
    // e^30 is beyond any count; further on, float32 would overflow.
    private const double LargestScore = 30;

    public override OutputLink Link => OutputLink.Exp;

    // From far below, Newton's step (y / mean − 1) overshoots the true one, log(y / mean), without bound.
    public override double LargestStep => 4;

    /// <exception cref="GyreException">A target is below 0, or all are 0.</exception>
    public static PoissonLoss For(TrainingSet set)
    {
        var largest = 0.0;
        for (var row = 0; row < set.RowCount; row++)
        {
            if (set.Target[row] < 0)
            {
                throw GyreException.Invalid(
                    $"Target '{set.TargetName}' is {set.Target[row]} in row {row + 1}; "
                    + "the loss 'poisson' needs 0 or more.");
            }

            if (set.Weights.IsEmpty || set.Weights[row] > 0) largest = Math.Max(largest, set.Target[row]);
        }

        return largest > 0
            ? new PoissonLoss()
            : throw GyreException.Invalid(
                $"Target '{set.TargetName}' is 0 in all rows; the loss 'poisson' has nothing to learn from.");
    }

    public override float[] BaseScores(double[] target, double[]? weights) =>
        [(float)Math.Log(Mean(target, weights))];

    public override void FillGradients(double[][] scores, double[] target, float[][] gradients, int from, int to)
    {
        var (score, pairs) = (scores[0], gradients[0]);
        for (var row = from; row < to; row++)
        {
            var mean = Math.Exp(Math.Clamp(score[row], -LargestScore, LargestScore));
            pairs[2 * row] = (float)(mean - target[row]);
            pairs[(2 * row) + 1] = (float)mean;
        }
    }

    public override double Loss(double[][] scores, int row, double target)
    {
        var score = Math.Min(scores[0][row], LargestScore);
        var least = target > 0 ? target - (target * Math.Log(target)) : 0;
        return Math.Exp(score) - (target * score) - least;
    }
}
