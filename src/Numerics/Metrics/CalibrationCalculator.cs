namespace Gyre.Numerics;

/// <summary>
/// Expected calibration error: over ten equal stretches of probability, the share of rows × |mean probability − share
/// that came true|. Of two classes the probability is that of the second; of several, of the most likely one (Guo et al.
/// 2017). A value on an edge belongs to the stretch below it.
/// </summary>
internal sealed class CalibrationCalculator : MetricCalculator
{
    private const int Bins = 10;

    private readonly int[] _bin;
    private readonly double[] _excess; // probability − whether it came true

    public CalibrationCalculator(ReadOnlySpan<double> target, PredictedRows predictions)
    {
        double[] edges = [.. Enumerable.Range(1, Bins - 1).Select(i => (double)i / Bins)];
        (_bin, _excess) = (new int[target.Length], new double[target.Length]);
        for (var i = 0; i < _bin.Length; i++)
        {
            var called = predictions.Outputs == 1 ? 1 : predictions.ClassAt(i);
            var probability = predictions.Values[predictions.Outputs == 1 ? i : (i * predictions.Outputs) + called];
            var at = Array.BinarySearch(edges, probability);
            _bin[i] = at < 0 ? ~at : at;
            _excess[i] = probability - ((int)target[i] == called ? 1 : 0);
        }
    }

    public override double Value(ReadOnlySpan<int> counts)
    {
        Span<double> sums = stackalloc double[Bins];
        var rows = 0.0;
        for (var i = 0; i < _bin.Length; i++)
        {
            sums[_bin[i]] += counts[i] * _excess[i];
            rows += counts[i];
        }

        var error = 0.0;
        foreach (var sum in sums) error += Math.Abs(sum);
        return error / rows;
    }
}
