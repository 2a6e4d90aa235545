namespace Gyre.Numerics;

/// <summary>
/// F1 = 2 TP / (2 TP + FP + FN) of the positive class, 0 when nothing is or is called positive; for several classes the
/// unweighted
/// mean over those that occur among targets or predictions.
/// </summary>
internal sealed class F1Calculator : MetricCalculator
{
    private readonly int[] _actual;
    private readonly int[] _predicted;
    private readonly int _classes;

    public F1Calculator(ReadOnlySpan<double> target, PredictedRows predictions)
    {
        _actual = new int[target.Length];
        _predicted = new int[target.Length];
        _classes = Math.Max(2, predictions.Outputs);
        for (var i = 0; i < _actual.Length; i++) (_actual[i], _predicted[i]) = ((int)target[i], predictions.ClassAt(i));
    }

    public override double Value(ReadOnlySpan<int> counts)
    {
        Span<long> hits = stackalloc long[_classes], actual = stackalloc long[_classes],
            called = stackalloc long[_classes];
        for (var i = 0; i < _actual.Length; i++)
        {
            actual[_actual[i]] += counts[i];
            called[_predicted[i]] += counts[i];
            if (_actual[i] == _predicted[i]) hits[_actual[i]] += counts[i];
        }

        if (_classes == 2) return F1(hits[1], actual[1] + called[1]);
        double sum = 0;
        var occurring = 0;
        for (var k = 0; k < _classes; k++)
        {
            if (actual[k] + called[k] == 0) continue;
            sum += F1(hits[k], actual[k] + called[k]);
            occurring++;
        }

        return occurring == 0 ? double.NaN : sum / occurring;
    }

    private static double F1(long hits, long actualAndCalled) =>
        actualAndCalled == 0 ? 0 : 2.0 * hits / actualAndCalled;
}
