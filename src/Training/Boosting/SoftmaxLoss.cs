using Gyre.Numerics;

namespace Gyre.Training.Boosting;

/// <summary>
/// Cross entropy of softmax over one score per class. The second derivative is p (1 − p) × K / (K − 1): the diagonal
/// alone understates the curvature along which classes move together (Friedman 2001, section 4.6).
/// </summary>
internal sealed class SoftmaxLoss(int outputs) : BoostingLoss
{
    private const int BlockRows = 64;

    private const double LeastShare = 1e-7;

    private readonly float _factor = outputs / (outputs - 1f);

    public override OutputLink Link => OutputLink.Softmax;

    public override float[] BaseScores(double[] target, double[]? weights)
    {
        var counts = new double[outputs];
        for (var row = 0; row < target.Length; row++) counts[(int)target[row]] += weights?[row] ?? 1;
        var total = counts.Sum();

        // A class without rows would start at minus infinity.
        return Array.ConvertAll(counts, c => (float)Math.Log(Math.Max(c / total, LeastShare)));
    }

    public override void FillGradients(double[][] scores, double[] target, float[][] gradients, int from, int to)
    {
        Span<float> sums = stackalloc float[BlockRows];
        var powers = new float[outputs * BlockRows];
        for (var start = from; start < to; start += BlockRows)
        {
            var count = Math.Min(BlockRows, to - start);
            Exponentiate(scores, start, count, powers);
            sums.Clear();
            for (var k = 0; k < outputs; k++)
            {
                for (var i = 0; i < count; i++) sums[i] += powers[(k * count) + i];
            }

            for (var k = 0; k < outputs; k++)
                FillClass(k, powers.AsSpan(k * count, count), sums, target.AsSpan(start),
                    gradients[k].AsSpan(2 * start));
        }
    }

    public override double Loss(double[][] scores, int row, double target)
    {
        var largest = double.NegativeInfinity;
        foreach (var score in scores) largest = Math.Max(largest, score[row]);
        var sum = 0.0;
        foreach (var score in scores) sum += Math.Exp(score[row] - largest);
        return largest + Math.Log(sum) - scores[(int)target][row];
    }

    // e^(score − the row's largest), class after class, so that no exponential overflows.
    private void Exponentiate(double[][] scores, int start, int count, float[] powers)
    {
        Span<double> largest = stackalloc double[BlockRows];
        largest.Fill(double.NegativeInfinity);
        foreach (var score in scores)
        {
            for (var i = 0; i < count; i++) largest[i] = Math.Max(largest[i], score[start + i]);
        }

        for (var k = 0; k < outputs; k++)
        {
            for (var i = 0; i < count; i++) powers[(k * count) + i] = (float)(scores[k][start + i] - largest[i]);
        }

        Exponential.Apply(powers.AsSpan(0, outputs * count));
    }

    private void FillClass(int k, Span<float> powers, Span<float> sums, Span<double> target, Span<float> pairs)
    {
        for (var i = 0; i < powers.Length; i++)
        {
            var p = powers[i] / sums[i];
            pairs[2 * i] = (int)target[i] == k ? p - 1 : p;
            pairs[(2 * i) + 1] = Math.Max(_factor * p * (1 - p), 1e-16f);
        }
    }
}
