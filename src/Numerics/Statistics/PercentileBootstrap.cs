namespace Gyre.Numerics;

/// <summary>
/// The percentile bootstrap (Efron 1979): a statistic's distribution over samples drawn with replacement. Samples are
/// given as how often each row was drawn, so that a statistic over presorted rows need not sort again.
/// </summary>
public static class PercentileBootstrap
{
    /// <summary>A statistic of a resample.</summary>
    /// <param name="counts">How often each row was drawn; one number per row, their sum is the number of rows.</param>
    public delegate double Statistic(ReadOnlySpan<int> counts);

    /// <summary>The statistic of each resample, ascending. Resamples whose statistic is NaN (undefined there) are left
    /// out.</summary>
    /// <param name="rows">The number of rows, at least 1.</param>
    /// <param name="resamples">The number of resamples, at least 1; 1,000 suffice for 95 % intervals.</param>
    /// <param name="seed">The same seed draws the same resamples.</param>
    /// <param name="statistic">What is computed.</param>
    public static double[] Distribution(int rows, int resamples, ulong seed, Statistic statistic)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        var random = new SeededRandom(seed);
        var counts = new int[rows];
        var values = new List<double>(resamples);
        for (var r = 0; r < resamples; r++)
        {
            Array.Clear(counts);
            for (var i = 0; i < rows; i++) counts[random.NextInt(rows)]++;
            if (statistic(counts) is var value && !double.IsNaN(value)) values.Add(value);
        }

        values.Sort();
        return [.. values];
    }

    /// <summary>The central interval of a distribution from <see cref="Distribution"/>.</summary>
    /// <param name="distribution">Ascending values; NaN ends when there are none.</param>
    /// <param name="level">The share covered, between 0 and 1.</param>
    public static ConfidenceInterval Interval(ReadOnlySpan<double> distribution, double level = 0.95)
    {
        if (level is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "A level is between 0 and 1.");
        if (distribution.IsEmpty) return new ConfidenceInterval(double.NaN, double.NaN, level);
        var tail = (1 - level) / 2;
        return new ConfidenceInterval(
            Quantiles.OfSorted(distribution, tail), Quantiles.OfSorted(distribution, 1 - tail), level);
    }
}
