namespace Gyre.Charts;

/// <summary>Spreads dots of one line so that they do not hide each other, wider where there are more.</summary>
public static class Swarm
{
    private const int Bins = 60;

    /// <summary>How far each dot stands off its line.</summary>
    /// <param name="values">Where the dots lie along the line.</param>
    /// <param name="min">The lower end of the line.</param>
    /// <param name="max">The upper end of the line.</param>
    /// <param name="width">The greatest distance, above 0.</param>
    /// <returns>One per value, −width to width; the same values give the same distances.</returns>
    public static double[] Offsets(ReadOnlySpan<double> values, double min, double max, double width)
    {
        var bins = new int[values.Length];
        var counts = new int[Bins];
        for (var i = 0; i < bins.Length; i++)
        {
            bins[i] = max > min ? (int)Math.Clamp((values[i] - min) / (max - min) * Bins, 0, Bins - 1) : 0;
            counts[bins[i]]++;
        }

        var most = counts.Length == 0 ? 1 : Math.Max(1, counts.Max());
        var seen = new int[Bins];
        var offsets = new double[values.Length];
        for (var i = 0; i < offsets.Length; i++)
        {
            // 0, 1, −1, 2, −2, …
            var place = ++seen[bins[i]];
            offsets[i] = (place % 2 == 0 ? 1 : -1) * (place / 2) * 2.0 * width / Math.Max(most, 12);
        }

        return offsets;
    }
}
