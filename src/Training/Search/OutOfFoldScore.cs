using Gyre.Tabular;

namespace Gyre.Training.Search;

/// <summary>
/// The metric of a weighted sum of out-of-fold predictions. Members are added one by one; asking what one more would do
/// costs a pass over the rows. Log loss needs only the probability of each row's own class, and that is all that is kept.
/// Large sets, and metrics that sort or count, are asked of an even sample of the rows.
/// </summary>
internal sealed class OutOfFoldScore
{
    private const double Clip = 1e-15;
    private const int MostRows = 60_000;
    private const int MostSortedRows = 6_000;

    private readonly string _metric;
    private readonly FoldPlan _plan;
    private readonly Kind _kind;
    private readonly int[] _rows;
    private readonly double[] _target;
    private readonly int _width;
    private readonly double[] _sum;
    private int _count;

    /// <param name="metric">The metric.</param>
    /// <param name="plan">Whose tested rows are asked.</param>
    /// <param name="among">Places among the tested rows; null for all.</param>
    public OutOfFoldScore(string metric, FoldPlan plan, int[]? among = null)
    {
        (_metric, _plan) = (metric, plan);
        _kind = metric switch
        {
            "log_loss" => Kind.Log,
            "rmse" => Kind.Squared,
            "mae" => Kind.Absolute,
            _ => Kind.Any,
        };
        var count = Math.Min(_kind == Kind.Any ? MostSortedRows : MostRows, among?.Length ?? plan.Tested.Length);
        _rows = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * (among?.Length ?? plan.Tested.Length) / count))];
        if (among is not null) _rows = Array.ConvertAll(_rows, i => among[i]);
        _target = Array.ConvertAll(_rows, i => plan.Target[i]);
        _width = _kind == Kind.Any ? plan.Outputs : 1;
        _sum = new double[count * _width];
    }

    private enum Kind
    {
        Log,
        Squared,
        Absolute,
        Any,
    }

    /// <summary>The metric of one model's out-of-fold predictions over all tested rows.</summary>
    public static double Exact(string metric, FoldPlan plan, float[] outOfFold) =>
        Metrics.Compute(metric, plan.Target,
            new Predictions(plan.Task, plan.Outputs, Array.ConvertAll(outOfFold, v => (double)v)));

    /// <summary>What is needed of a model's out-of-fold predictions.</summary>
    public float[] Prepare(float[] outOfFold)
    {
        var values = new float[_sum.Length];
        for (var i = 0; i < _rows.Length; i++)
        {
            var at = _rows[i] * _plan.Outputs;
            if (_kind == Kind.Any) outOfFold.AsSpan(at, _width).CopyTo(values.AsSpan(i * _width));
            else if (_kind != Kind.Log) values[i] = outOfFold[at];
            else if (_plan.Outputs > 1) values[i] = outOfFold[at + (int)_target[i]];
            else values[i] = _target[i] == 1 ? outOfFold[at] : (float)(1 - (double)outOfFold[at]);
        }

        return values;
    }

    /// <summary>Adds a prepared model once.</summary>
    public void Add(float[] prepared)
    {
        for (var i = 0; i < _sum.Length; i++) _sum[i] += prepared[i];
        _count++;
    }

    /// <summary>The loss (lower is better, whichever way the metric runs) of the mean with one more model.</summary>
    public double LossWith(float[] prepared)
    {
        var scale = 1.0 / (_count + 1);
        if (_kind == Kind.Any) return LossOf(prepared, scale);
        var total = 0.0;
        for (var i = 0; i < _sum.Length; i++)
        {
            var mean = (_sum[i] + prepared[i]) * scale;
            total += _kind switch
            {
                Kind.Log => -Math.Log(Math.Clamp(mean, Clip, 1 - Clip)),
                Kind.Squared => (mean - _target[i]) * (mean - _target[i]),
                _ => Math.Abs(mean - _target[i]),
            };
        }

        total /= _sum.Length;
        return _kind == Kind.Squared ? Math.Sqrt(total) : total;
    }

    private double LossOf(float[] prepared, double scale)
    {
        var mean = new double[_sum.Length];
        for (var i = 0; i < mean.Length; i++) mean[i] = (_sum[i] + prepared[i]) * scale;
        var value = Metrics.Compute(_metric, _target, new Predictions(_plan.Task, _plan.Outputs, mean));
        if (double.IsNaN(value)) return double.PositiveInfinity;
        return Metrics.HigherIsBetter(_metric) ? -value : value;
    }
}
