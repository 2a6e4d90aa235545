namespace Gyre.Training.Boosting;

/// <summary>½ (score − y)².</summary>
internal sealed class SquaredErrorLoss : BoostingLoss
{
    public override bool HasUnitHessian => true;

    public override float[] BaseScores(double[] target, double[]? weights) => [(float)Mean(target, weights)];

    public override void FillGradients(double[][] scores, double[] target, float[][] gradients, int from, int to)
    {
        var (score, pairs) = (scores[0], gradients[0]);
        for (var row = from; row < to; row++)
        {
            pairs[2 * row] = (float)(score[row] - target[row]);
            pairs[(2 * row) + 1] = 1;
        }
    }

    public override double Loss(double[][] scores, int row, double target) =>
        0.5 * (scores[0][row] - target) * (scores[0][row] - target);
}
