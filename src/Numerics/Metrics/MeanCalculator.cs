namespace Gyre.Numerics;

/// <summary>The mean of a number per row, and a function of it.</summary>
internal sealed class MeanCalculator(double[] losses, Func<double, double>? then = null) : MetricCalculator
{
    public override double Value(ReadOnlySpan<int> counts)
    {
        double sum = 0, total = 0;
        for (var i = 0; i < losses.Length; i++)
        {
            // An infinite loss of a row that was not drawn must not count as 0 × ∞.
            if (counts[i] == 0) continue;
            sum += counts[i] * losses[i];
            total += counts[i];
        }

        return total == 0 ? double.NaN : then is null ? sum / total : then(sum / total);
    }
}
