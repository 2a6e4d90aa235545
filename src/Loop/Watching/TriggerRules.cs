using System.Globalization;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Runs;
using Quartz;

namespace Gyre.Loop.Watching;

/// <summary>When a window calls for a retraining. The first rule that holds is the trigger.</summary>
internal static class TriggerRules
{
    public static TriggerDecision? Decide(
        PipelineDefinition definition, WatchedWindow window, DateTimeOffset lastLook, DateTimeOffset now) =>
        Performance(window) ?? Drift(definition.Monitoring, window) ?? Schedule(definition.Retraining, lastLook, now);

    private static TriggerDecision? Performance(WatchedWindow window) =>
        window.Performance is { IsWorse: true } performance
            ? new TriggerDecision(RunTrigger.Performance, performance.Describe())
            : null;

    private static TriggerDecision? Drift(MonitoringSettings settings, WatchedWindow window)
    {
        if (window.WatchedColumns == 0 || window.Drifted.IsEmpty || !Counts(settings.DriftTrigger, window)) return null;
        var share = (double)window.Drifted.Length / window.WatchedColumns;
        if (share < settings.DriftShare) return null;
        var columns = string.Join(", ", window.Drifted.Take(5).Select(c =>
            string.Create(CultureInfo.InvariantCulture, $"{c.Name} (PSI {c.PsiCorrected:0.00})")));
        return new TriggerDecision(RunTrigger.Drift, string.Create(CultureInfo.InvariantCulture,
            $"{window.Drifted.Length} of {window.WatchedColumns} columns drifted: {columns}"));
    }

    /// <summary>Drift is a proxy for error: once enough actual values have arrived, the error itself is the better witness.</summary>
    private static bool Counts(DriftTrigger trigger, WatchedWindow window) => trigger switch
    {
        DriftTrigger.Always => true,
        DriftTrigger.Never => false,
        _ => window.Performance is not { IsSufficient: true },
    };

    private static TriggerDecision? Schedule(RetrainingSettings settings, DateTimeOffset lastLook, DateTimeOffset now)
    {
        if (settings.Schedule is not { } text) return null;
        var cron = new CronExpression(text) { TimeZone = TimeZoneInfo.Utc };
        return cron.GetNextValidTimeAfter(lastLook) is { } due && due <= now
            ? new TriggerDecision(RunTrigger.Schedule, string.Create(CultureInfo.InvariantCulture, $"due at {due:yyyy-MM-dd HH:mm}"))
            : null;
    }
}
