using Gyre.Numerics;

namespace Gyre.Training.Boosting;

/// <summary>
/// The pinball loss of a quantile α: (α − [y &lt; score]) (y − score) (Koenker and Bassett 1978); for α = ½ taken twice,
/// the absolute error. Trees are split by the gradient alone, as if the second derivative were 1; a leaf's value is the
/// α-quantile of its residuals (Friedman 2001, algorithm 3).
/// </summary>
internal sealed class QuantileLoss(double quantile) : BoostingLoss
{
    // At ½ the loss is |y − score|, so that what is reported is the mean absolute error.
    private readonly double _factor = quantile == 0.5 ? 2 : 1;

    public override bool HasUnitHessian => true;

    public override bool RenewsLeaves => true;

    public override float[] BaseScores(double[] target, double[]? weights) =>
        [(float)WeightedQuantile.Of([.. target], weights is null ? [] : [.. weights], quantile)];

    public override void FillGradients(double[][] scores, double[] target, float[][] gradients, int from, int to)
    {
        var (score, pairs) = (scores[0], gradients[0]);
        var (above, below) = ((float)(-_factor * quantile), (float)(_factor * (1 - quantile)));
        for (var row = from; row < to; row++)
        {
            pairs[2 * row] = score[row] > target[row] ? below : score[row] < target[row] ? above : 0;
            pairs[(2 * row) + 1] = 1;
        }
    }

    public override double Loss(double[][] scores, int row, double target)
    {
        var residual = target - scores[0][row];
        return _factor * residual * (residual < 0 ? quantile - 1 : quantile);
    }

    public override double LeafValue(Span<double> residuals, Span<double> weights) =>
        WeightedQuantile.Of(residuals, weights, quantile);
}
