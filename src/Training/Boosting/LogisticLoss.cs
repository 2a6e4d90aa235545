using Gyre.Numerics;

namespace Gyre.Training.Boosting;

/// <summary>Log loss of P = 1 / (1 + e^−score).</summary>
internal sealed class LogisticLoss : BoostingLoss
{
    public override OutputLink Link => OutputLink.Logistic;

    public override float[] BaseScores(double[] target, double[]? weights)
    {
        // A share of 0 or 1 would start at an infinite score.
        var share = Math.Clamp(Mean(target, weights), 1e-6, 1 - 1e-6);
        return [(float)Math.Log(share / (1 - share))];
    }

    public override void FillGradients(double[][] scores, double[] target, float[][] gradients, int from, int to)
    {
        var (score, pairs) = (scores[0], gradients[0]);
        Span<float> block = stackalloc float[256];
        for (var start = from; start < to; start += block.Length)
        {
            var part = block[..Math.Min(block.Length, to - start)];
            for (var i = 0; i < part.Length; i++) part[i] = -(float)score[start + i];
            Exponential.Apply(part);
            for (var i = 0; i < part.Length; i++)
            {
                var p = 1 / (1 + part[i]);
                pairs[2 * (start + i)] = p - (float)target[start + i];
                pairs[(2 * (start + i)) + 1] = Math.Max(p * (1 - p), 1e-16f);
            }
        }
    }

    public override double Loss(double[][] scores, int row, double target)
    {
        var score = scores[0][row];
        return Math.Max(score, 0) - (score * target) + Math.Log(1 + Math.Exp(-Math.Abs(score)));
    }
}
