using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// The mean of the losses (½ squared error, log loss, or cross entropy) plus ½ λ ‖w‖² / n over a point that holds, per
/// output, the weights and then the intercept. Rows are cut into one run per thread, each with its own gradient; these
/// are added in order, so a thread count gives one result.
/// </summary>
internal sealed class LinearObjective(DesignMatrix design, TrainingSet set, double l2, TrainingContext context)
{
    private readonly int _outputs = set.Description.Outputs;
    private readonly int _stride = design.Width + 1;

    public int Size => _outputs * _stride;

    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        var threads = design.Rows < 20_000 ? 1 : context.Threads;
        var weights = point.ToArray();
        var gradients = new double[threads][];
        var losses = new double[threads];
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, t =>
        {
            gradients[t] = new double[weights.Length];
            var from = (int)((long)design.Rows * t / threads);
            var to = (int)((long)design.Rows * (t + 1) / threads);
            losses[t] = EvaluateRows(from, to, weights, gradients[t]);
        });
        context.CancellationToken.ThrowIfCancellationRequested();
        gradient.Clear();
        foreach (var part in gradients) Numerics.VectorMath.AddScaled(gradient, 1.0 / design.Rows, part);
        return (losses.Sum() / design.Rows) + AddPenalty(point, gradient);
    }

    private double AddPenalty(ReadOnlySpan<double> point, Span<double> gradient)
    {
        var scale = l2 / design.Rows;
        var sum = 0.0;
        for (var i = 0; i < point.Length; i++)
        {
            if (i % _stride == design.Width) continue;
            sum += point[i] * point[i];
            gradient[i] += scale * point[i];
        }

        return 0.5 * scale * sum;
    }

    private double EvaluateRows(int from, int to, double[] weights, double[] gradient)
    {
        var loss = 0.0;
        Span<double> scores = _outputs <= 64 ? stackalloc double[_outputs] : new double[_outputs];
        for (var row = from; row < to; row++)
        {
            if ((row & 0xffff) == 0 && context.CancellationToken.IsCancellationRequested) return loss;
            for (var k = 0; k < _outputs; k++)
            {
                var own = weights.AsSpan(k * _stride, _stride);
                scores[k] = own[^1] + design.Dot(row, own);
            }

            loss += Differentiate(scores, set.Target[row]);
            for (var k = 0; k < _outputs; k++)
            {
                var own = gradient.AsSpan(k * _stride, _stride);
                design.AddRow(row, scores[k], own);
                own[^1] += scores[k];
            }
        }

        return loss;
    }

    // Returns a row's loss and turns its scores into the loss's derivatives by them.
    private double Differentiate(Span<double> scores, double target)
    {
        if (set.Task == TaskKind.Regression)
        {
            scores[0] -= target;
            return 0.5 * scores[0] * scores[0];
        }

        if (set.Task == TaskKind.Binary)
        {
            var score = scores[0];
            scores[0] = (1 / (1 + Math.Exp(-score))) - target;
            return Math.Max(score, 0) - (score * target) + Math.Log(1 + Math.Exp(-Math.Abs(score)));
        }

        OutputLinks.Softmax(scores);
        var loss = -Math.Log(Math.Max(scores[(int)target], double.Epsilon));
        scores[(int)target] -= 1;
        return loss;
    }
}
