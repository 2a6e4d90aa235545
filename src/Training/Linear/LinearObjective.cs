using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// The weighted mean of the losses (½ squared error, log loss, or cross entropy) plus ½ λ ‖w‖² / Σ row weights over a
/// point: row-major, (width + 1) × outputs, the intercepts last, so that an input's weights for all classes stand
/// together. Rows are cut into one run per thread, each with its own gradient; these are added in order, so a thread
/// count gives one result.
/// </summary>
internal sealed class LinearObjective
{
    /// <summary>Fewer products than this per evaluation are not worth a second thread.</summary>
    private const long WorkForThreads = 200_000;

    private readonly DesignMatrix _design;
    private readonly TrainingSet _set;
    private readonly TrainingContext _context;
    private readonly double _l2;
    private readonly int _outputs;
    private readonly double _total;
    private readonly double[][] _gradients;

    public LinearObjective(DesignMatrix design, TrainingSet set, double l2, TrainingContext context)
    {
        (_design, _set, _l2, _context) = (design, set, l2, context);
        _outputs = set.Description.Outputs;
        _total = TotalWeight(set);
        var threads = design.Entries * _outputs < WorkForThreads ? 1 : context.Threads;
        _gradients = new double[threads][];
        for (var t = 0; t < threads; t++) _gradients[t] = new double[Size];
    }

    public int Size => _outputs * (_design.Width + 1);

    /// <summary>How much all rows count together.</summary>
    public static double TotalWeight(TrainingSet set)
    {
        if (set.Weights.IsEmpty) return set.RowCount;
        var sum = 0.0;
        foreach (var weight in set.Weights) sum += weight;
        return sum;
    }

    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        var threads = _gradients.Length;
        var weights = point.ToArray();
        var losses = new double[threads];
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, t =>
        {
            var from = (int)((long)_design.Rows * t / threads);
            var to = (int)((long)_design.Rows * (t + 1) / threads);
            _gradients[t].AsSpan().Clear();
            losses[t] = EvaluateRows(from, to, weights, _gradients[t]);
        });
        _context.CancellationToken.ThrowIfCancellationRequested();
        gradient.Clear();
        foreach (var part in _gradients) Numerics.VectorMath.AddScaled(gradient, 1 / _total, part);
        return (losses.Sum() / _total) + AddPenalty(point, gradient);
    }

    private double AddPenalty(ReadOnlySpan<double> point, Span<double> gradient)
    {
        var scale = _l2 / _total;
        var weights = point[..^_outputs];
        Numerics.VectorMath.AddScaled(gradient[..^_outputs], scale, weights);
        return 0.5 * scale * Numerics.VectorMath.Dot(weights, weights);
    }

    private double EvaluateRows(int from, int to, double[] weights, double[] gradient)
    {
        var loss = 0.0;
        Span<double> scores = _outputs <= 64 ? stackalloc double[_outputs] : new double[_outputs];
        var intercepts = weights.AsSpan()[^_outputs..];
        for (var row = from; row < to; row++)
        {
            if ((row & 0xfff) == 0 && _context.CancellationToken.IsCancellationRequested) return loss;
            intercepts.CopyTo(scores);
            _design.AddScores(row, weights, scores);
            var weight = _set.Weights.IsEmpty ? 1 : _set.Weights[row];
            loss += weight * Differentiate(scores, _set.Target[row]);
            if (weight != 1)
            {
                foreach (ref var score in scores) score *= weight;
            }

            _design.AddRow(row, scores, gradient);
            Numerics.VectorMath.AddScaled(gradient.AsSpan()[^_outputs..], 1, scores);
        }

        return loss;
    }

    // Returns a row's loss and turns its scores into the loss's derivatives by them.
    private double Differentiate(Span<double> scores, double target)
    {
        if (_set.Task == TaskKind.Regression)
        {
            scores[0] -= target;
            return 0.5 * scores[0] * scores[0];
        }

        if (_set.Task == TaskKind.Binary)
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
