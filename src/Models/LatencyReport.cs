namespace Gyre.Models;

/// <summary>How long single-row predictions took.</summary>
/// <param name="P50">The median.</param>
/// <param name="P99">The 99th percentile (nearest rank).</param>
/// <param name="Repeats">How many were timed.</param>
public sealed record LatencyReport(TimeSpan P50, TimeSpan P99, int Repeats)
{
    internal static LatencyReport Of(long[] ticks)
    {
        Array.Sort(ticks);
        return new LatencyReport(At(0.5), At(0.99), ticks.Length);

        TimeSpan At(double share) => System.Diagnostics.Stopwatch.GetElapsedTime(
            0, ticks[Math.Max(0, (int)Math.Ceiling(share * ticks.Length) - 1)]);
    }
}
