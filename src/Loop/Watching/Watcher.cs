using System.Globalization;
using Gyre.Loop.Deployment;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Runs;
using Gyre.Monitoring;
using Gyre.Primitives;
using Gyre.Tracking;

namespace Gyre.Loop.Watching;

/// <summary>
/// Looks at the window of served predictions behind now, decides whether the champion needs retraining, and runs the
/// pipeline when it does. Every look, trigger and decision is a ledger entry with its figures. Not for concurrent looks.
/// </summary>
/// <param name="workspace">The workspace.</param>
/// <param name="runner">What a trigger starts.</param>
public sealed class Watcher(Workspace workspace, PipelineRunner runner)
{
    private readonly WindowReader _windows = new(workspace);

    /// <summary>Looks once, and retrains when a trigger holds and nothing forbids it.</summary>
    /// <param name="definition">The pipeline.</param>
    /// <param name="progress">Told of a run's steps; may be null.</param>
    /// <param name="cancellationToken">Stops the look or the run.</param>
    public async Task<LookResult> LookAsync(
        PipelineDefinition definition, IProgress<LoopEvent>? progress, CancellationToken cancellationToken)
    {
        var now = workspace.Time.GetUtcNow();
        var champion = workspace.Registry.GetByAlias(definition.Model, ModelAliases.Champion);
        if (champion is null) return new LookResult("there is no champion to watch", null, null);

        var window = await ReadAsync();
        await RecordAsync(LedgerKind.Watch, window.Summary, window.Evidence);
        var trigger = TriggerRules.Decide(definition, window, LastLook(definition.Model, now), now);
        if (trigger is null) return new LookResult(window.Summary, null, null);

        await RecordAsync(LedgerKind.Trigger, $"{Name(trigger.Trigger)}: {trigger.Reason}",
            new { trigger = trigger.Trigger, reason = trigger.Reason, window = window.Evidence });
        if (WhyNot(definition, now) is { } reason)
        {
            await RecordAsync(LedgerKind.Skip, $"not retrained: {reason}", new { reason });
            return new LookResult(window.Summary, trigger, null);
        }

        return new LookResult(window.Summary, trigger, await RunAsync());

        async Task<WatchedWindow> ReadAsync()
        {
            try
            {
                return _windows.Read(definition, champion, now, cancellationToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                await RecordAsync(LedgerKind.WatchFailed, $"could not look: {error.Message}",
                    new { cause = error.Message, error = error.GetType().Name });
                throw;
            }
        }

        Task RecordAsync(LedgerKind kind, string summary, object evidence) => workspace.Ledger.AppendAsync(
            new LedgerEntry(0, now, definition.Model, kind, summary, null, champion.Version, LoopJson.Evidence(evidence)),
            cancellationToken);

        async Task<RunOutcome?> RunAsync()
        {
            try
            {
                return await runner.RunAsync(
                    definition, new RunRequest(trigger.Trigger, trigger.Reason), progress, cancellationToken);
            }
            catch (GyreException busy) when (busy.Code == ErrorCode.Conflict)
            {
                await RecordAsync(LedgerKind.Skip, $"not retrained: {busy.Message}", new { reason = busy.Message });
                return null;
            }
        }
    }

    /// <summary>Why a trigger is not followed now, or null.</summary>
    private string? WhyNot(PipelineDefinition definition, DateTimeOffset now)
    {
        if (!definition.Retraining.Enabled) return "retraining is disabled";
        if (Rollout.Obstacle(workspace, definition) is { } obstacle) return obstacle;
        var last = workspace.Ledger.List(definition.Model, LedgerKind.RunStarted, newest: 1);
        if (last.Count == 0 || now - last[0].At >= definition.Retraining.Cooldown) return null;
        return string.Create(CultureInfo.InvariantCulture,
            $"the last run began {last[0].At:yyyy-MM-dd HH:mm}, within the cooldown of {Durations.Format(definition.Retraining.Cooldown)}");
    }

    /// <summary>When this model was last looked at: a schedule is due when one of its times lies between.</summary>
    private DateTimeOffset LastLook(string model, DateTimeOffset now)
    {
        var looks = workspace.Ledger.List(model, LedgerKind.Watch, newest: 2);
        return looks.Count > 1 ? looks[0].At : now;
    }

    private static string Name(RunTrigger trigger) => trigger.ToString().ToLowerInvariant();
}
