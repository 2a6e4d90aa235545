using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Gyre.Training.Boosting;

/// <summary>
/// Tells a listener of the meter "Gyre.Training" how long each phase of boosting takes, summed over threads. Without a
/// listener it costs a check.
/// </summary>
internal static class PhaseClock
{
    public const string Binning = "binning";
    public const string Gradients = "gradients";
    public const string Histograms = "histograms";
    public const string Splits = "splits";
    public const string Partition = "partition";
    public const string Scores = "scores";

    private static readonly Meter Meter = new("Gyre.Training");

    private static readonly Counter<double> Seconds = Meter.CreateCounter<double>(
        "gyre.training.phase.duration", "s", "Time spent in a phase of boosting.");

    /// <summary>The start of a phase; 0 when nobody listens.</summary>
    public static long Start() => Seconds.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Ends a phase.</summary>
    public static void Stop(long start, string phase)
    {
        if (start != 0)
            Seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>("phase", phase));
    }
}
