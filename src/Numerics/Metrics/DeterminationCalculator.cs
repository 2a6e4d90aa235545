namespace Gyre.Numerics;

/// <summary>
/// R² = 1 − Σ squared errors / Σ squared deviations from the mean; undefined when targets do not vary.
/// </summary>
internal sealed class DeterminationCalculator(double[] target, double[] squaredErrors) : MetricCalculator
{
    public override double Value(ReadOnlySpan<int> counts)
    {
        double sum = 0, total = 0, errors = 0, deviations = 0;
        for (var i = 0; i < target.Length; i++)
        {
            sum += counts[i] * target[i];
            total += counts[i];
        }

        var mean = sum / total;
        for (var i = 0; i < target.Length; i++)
        {
            errors += counts[i] * squaredErrors[i];
            deviations += counts[i] * (target[i] - mean) * (target[i] - mean);
        }

        return deviations > 0 ? 1 - (errors / deviations) : double.NaN;
    }
}
