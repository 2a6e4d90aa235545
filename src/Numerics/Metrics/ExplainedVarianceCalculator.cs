namespace Gyre.Numerics;

/// <summary>
/// 1 − variance of the errors / variance of the targets: R² but for a constant error. Undefined when targets do not vary.
/// </summary>
internal sealed class ExplainedVarianceCalculator(double[] target, double[] errors) : MetricCalculator
{
    public override double Value(ReadOnlySpan<int> counts)
    {
        var all = Variance(target, counts);
        return all > 0 ? 1 - (Variance(errors, counts) / all) : double.NaN;
    }

    private static double Variance(double[] values, ReadOnlySpan<int> counts)
    {
        double sum = 0, total = 0, squares = 0;
        for (var i = 0; i < values.Length; i++)
        {
            sum += counts[i] * values[i];
            total += counts[i];
        }

        var mean = sum / total;
        for (var i = 0; i < values.Length; i++) squares += counts[i] * (values[i] - mean) * (values[i] - mean);
        return squares / total;
    }
}
