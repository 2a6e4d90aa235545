namespace Gyre.Numerics;

/// <summary>A function of how often each class is, is called, and is called rightly.</summary>
internal sealed class DecisionCalculator : MetricCalculator
{
    private readonly int[] _actual;
    private readonly int[] _predicted;
    private readonly int _classes;
    private readonly Func<ClassCounts, double> _metric;

    public DecisionCalculator(
        ReadOnlySpan<double> target, PredictedRows predictions, Func<ClassCounts, double> metric)
    {
        _actual = new int[target.Length];
        _predicted = new int[target.Length];
        _classes = Math.Max(2, predictions.Outputs);
        _metric = metric;
        for (var i = 0; i < _actual.Length; i++) (_actual[i], _predicted[i]) = ((int)target[i], predictions.ClassAt(i));
    }

    public override double Value(ReadOnlySpan<int> counts)
    {
        Span<long> hits = stackalloc long[_classes], actual = stackalloc long[_classes],
            called = stackalloc long[_classes];
        var rows = 0L;
        for (var i = 0; i < _actual.Length; i++)
        {
            rows += counts[i];
            actual[_actual[i]] += counts[i];
            called[_predicted[i]] += counts[i];
            if (_actual[i] == _predicted[i]) hits[_actual[i]] += counts[i];
        }

        return rows == 0 ? double.NaN : _metric(new ClassCounts(hits, actual, called, rows));
    }
}

/// <summary>Rows by class: those that are called rightly, those that are of it, those that are called it.</summary>
internal readonly ref struct ClassCounts(
    ReadOnlySpan<long> hits, ReadOnlySpan<long> actual, ReadOnlySpan<long> called, long rows)
{
    public ReadOnlySpan<long> Hits { get; } = hits;

    public ReadOnlySpan<long> Actual { get; } = actual;

    public ReadOnlySpan<long> Called { get; } = called;

    public long Rows { get; } = rows;

    public int Classes => Hits.Length;
}
