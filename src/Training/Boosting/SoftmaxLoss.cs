namespace Gyre.Training.Boosting;

/// <summary>
/// Cross entropy of softmax over one score per class. The second derivative is p (1 − p) × K / (K − 1): the diagonal alone
/// understates the curvature along which classes move together (Friedman 2001, section 4.6).
/// </summary>
internal sealed class SoftmaxLoss(int outputs) : BoostingLoss
{
    private readonly float _factor = outputs / (outputs - 1f);

    public override float[] BaseScores(double[] target)
    {
        var counts = new double[outputs];
        foreach (var k in target) counts[(int)k]++;

        // A class without rows would start at minus infinity.
        return Array.ConvertAll(counts, c => (float)Math.Log(Math.Max(c, 1e-3) / target.Length));
    }

    public override void FillGradients(double[][] scores, double[] target, float[][] gradients, int from, int to)
    {
        Span<double> row = outputs <= 64 ? stackalloc double[outputs] : new double[outputs];
        for (var i = from; i < to; i++)
        {
            for (var k = 0; k < outputs; k++) row[k] = scores[k][i];
            OutputLinks.Softmax(row);
            var label = (int)target[i];
            for (var k = 0; k < outputs; k++)
            {
                var p = (float)row[k];
                gradients[k][2 * i] = k == label ? p - 1 : p;
                gradients[k][(2 * i) + 1] = Math.Max(_factor * p * (1 - p), 1e-16f);
            }
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
}
