using System.Diagnostics;
using Gyre.Loop.Ledger;

namespace Gyre.Loop.Runs;

/// <summary>Tells of one run as it goes on: progress for the one who waits, entries for the ledger.</summary>
internal sealed class RunJournal(
    Workspace workspace, string model, string runId, IProgress<LoopEvent>? progress)
{
    /// <summary>The run in the tracking store.</summary>
    public string RunId { get; } = runId;

    /// <summary>Runs a step between its two reports.</summary>
    public async Task<T> StepAsync<T>(string name, Func<Task<T>> step, Func<T, string> outcome)
    {
        var clock = Stopwatch.StartNew();
        Progress?.Report(new StepStarted(name));
        var result = await step();
        Progress?.Report(new StepFinished(name, outcome(result), clock.Elapsed));
        return result;
    }

    /// <summary>Something a person should read.</summary>
    public void Remark(string message) => Progress?.Report(new Remark(message));

    /// <summary>The one who waits; may be null.</summary>
    public IProgress<LoopEvent>? Progress { get; } = progress;

    /// <summary>Passes a trainer's progress on.</summary>
    public IProgress<Training.TrainingProgress> TrainingProgress { get; } = new Relay(progress);

    /// <summary>Adds a ledger entry of this run.</summary>
    public Task RecordAsync(
        LedgerKind kind, string summary, object evidence, int? version = null, CancellationToken cancellationToken = default) =>
        workspace.Ledger.AppendAsync(Entry(kind, summary, evidence, version), cancellationToken);

    /// <summary>A ledger entry of this run, not yet stored.</summary>
    public LedgerEntry Entry(LedgerKind kind, string summary, object evidence, int? version = null) => new(
        0, workspace.Time.GetUtcNow(), model, kind, summary, RunId, version, LoopJson.Evidence(evidence));

    private sealed class Relay(IProgress<LoopEvent>? progress) : IProgress<Training.TrainingProgress>
    {
        public void Report(Training.TrainingProgress value) =>
            progress?.Report(new TrainingAdvanced(value.Trainer, value.Step, value.TotalSteps, value.Loss));
    }
}
