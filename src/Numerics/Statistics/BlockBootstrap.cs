namespace Gyre.Numerics;

/// <summary>
/// The moving-block bootstrap (Künsch 1989) for rows in order of time: it draws runs of neighbouring rows, so that
/// errors which
/// resemble their neighbours' widen the interval as they should. Blocks of one row give the plain bootstrap.
/// </summary>
public static class BlockBootstrap
{
    /// <summary>The usual block length for n rows: the cube root of n, at least 1.</summary>
    public static int DefaultLength(int rows) => Math.Max(1, (int)Math.Round(Math.Cbrt(rows)));

    /// <summary>The statistic of each resample, ascending; resamples whose statistic is NaN are left out.</summary>
    /// <param name="rows">The number of rows, at least 1.</param>
    /// <param name="length">Rows per block, 1 to <paramref name="rows"/>.</param>
    /// <param name="resamples">The number of resamples, at least 1.</param>
    /// <param name="seed">The same seed draws the same resamples.</param>
    /// <param name="statistic">What is computed.</param>
    public static double[] Distribution(
        int rows, int length, int resamples, ulong seed, PercentileBootstrap.Statistic statistic)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        var random = new SeededRandom(seed);
        var counts = new int[rows];
        var values = new List<double>(resamples);
        for (var r = 0; r < resamples; r++)
        {
            Array.Clear(counts);
            for (var drawn = 0; drawn < rows;)
            {
                var start = random.NextInt(rows - length + 1);
                for (var i = 0; i < length && drawn < rows; i++, drawn++) counts[start + i]++;
            }

            if (statistic(counts) is var value && !double.IsNaN(value)) values.Add(value);
        }

        values.Sort();
        return [.. values];
    }
}
