using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Gyre.Loop.Deployment;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Primitives;
using Gyre.Tracking;

namespace Gyre.Loop.Runs;

/// <summary>
/// Runs the pipeline once. One run at a time per workspace. A run that is cancelled or fails leaves no version behind;
/// what it recorded until then stays, marked as killed or failed.
/// <para>
/// 1. Data: snapshot, contract, features. 2. Rows are held out. 3. Candidates are trained and measured. 4. The best is
/// packaged, checked for parity and registered. 5. Gates. 6. It becomes champion, is tried out by a traffic policy, or is challenger when a gate refused it.
/// 7. Its evaluation report is written.
/// </para>
/// </summary>
/// <param name="workspace">Where everything is kept.</param>
public sealed class PipelineRunner(Workspace workspace)
{
    /// <summary>Runs the pipeline.</summary>
    /// <param name="definition">The pipeline.</param>
    /// <param name="request">Why.</param>
    /// <param name="progress">Told of each step; may be null.</param>
    /// <param name="cancellationToken">Stops the run within a second.</param>
    /// <exception cref="GyreException">Another run is under way; the data or a setting is wrong.</exception>
    public async Task<RunOutcome> RunAsync(
        PipelineDefinition definition, RunRequest request, IProgress<LoopEvent>? progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var span = LoopTraces.Run(definition.Model, request.Trigger);
        using var running = RunLock.Take(workspace.StateFolder);
        await new Recovery(workspace).RunAsync(cancellationToken);
        var experiment = await workspace.Runs.GetOrCreateExperimentAsync(definition.Model, cancellationToken);
        var run = await workspace.Runs.StartAsync(
            new RunStart(experiment.Id, $"{definition.Model}-{workspace.Time.GetUtcNow():yyyyMMdd-HHmmss}")
            {
                Tags = new Dictionary<string, string>
                {
                    [RunTags.SourceName] = PipelineReader.FileName,
                    ["gyre.trigger"] = request.Trigger.ToString().ToLowerInvariant(),
                },
            }, cancellationToken);
        var journal = new RunJournal(workspace, definition.Model, run.Id, progress);
        try
        {
            await journal.RecordAsync(LedgerKind.RunStarted, $"pipeline run started: {request.Reason}",
                new { trigger = request.Trigger, reason = request.Reason }, cancellationToken: cancellationToken);
            var outcome = await RunStepsAsync(definition, run, journal, clock, cancellationToken);
            await workspace.Runs.FinishAsync(run.Id, RunStatus.Finished, CancellationToken.None);
            LoopTraces.End(span, outcome);
            return outcome;
        }
        catch (Exception error)
        {
            LoopTraces.Fail(span, error);
            // The token may be cancelled already, yet the end of the run must be recorded.
            await EndAsync(journal, error);
            throw;
        }
    }

    private async Task<RunOutcome> RunStepsAsync(
        PipelineDefinition definition, Run run, RunJournal journal, Stopwatch clock, CancellationToken cancellationToken)
    {
        var frame = await new DataStep(workspace, journal).RunAsync(definition, cancellationToken);
        using var champion = ChampionModel.Load(workspace, definition.Model);
        var holdOut = HoldOut.Of(frame, champion);
        await LogInputAsync(run, frame, cancellationToken);

        var candidates = await new CandidateStep(workspace, journal, run)
            .RunAsync(frame, holdOut, cancellationToken);
        var package = await new PackageStep(workspace, journal, run)
            .RunAsync(frame, holdOut, candidates, cancellationToken);
        ImmutableArray<GateOutcome> gates;
        Decision decision;
        try
        {
            gates = await new GateStep(journal)
                .RunAsync(frame, holdOut, candidates, package, champion, cancellationToken);
            decision = await new DecisionStep(workspace, journal)
                .RunAsync(definition, package, gates, cancellationToken);
        }
        catch
        {
            await WithdrawAsync(package.Version);
            throw;
        }

        await new EvaluationStep(workspace, journal, run)
            .RunAsync(frame, holdOut, candidates, package, decision != Decision.Refused, cancellationToken);
        return Outcome(frame, candidates, package, gates, decision, run, clock);
    }

    /// <summary>A version on which no decision was made must not look like one that was refused.</summary>
    private async Task WithdrawAsync(ModelVersion? version)
    {
        if (version is null) return;
        if (workspace.Registry.GetByAlias(version.Model, ModelAliases.Champion)?.Version == version.Version) return;
        if (workspace.Traffic.IsTriedOut(version.Model, version.Version)) return;
        await workspace.Registry.DeleteVersionAsync(version.Model, version.Version, CancellationToken.None);
        Directory.Delete(version.Folder, recursive: true);
    }

    private static RunOutcome Outcome(
        TrainingFrame frame, Candidates candidates, CandidatePackage package, ImmutableArray<GateOutcome> gates, Decision decision,
        Run run, Stopwatch clock) => new(
            frame.Definition.Model,
            package.Version?.Version,
            decision == Decision.Promoted,
            frame.Snapshot.Hash.Hex,
            frame.Set.RowCount,
            [.. candidates.All.Select(c => new CandidateOutcome(c.Name, c.AllMetrics(candidates.Metric), c.Fit.TotalSeconds))],
            gates,
            clock.Elapsed.TotalSeconds)
        {
            RunId = run.Id,
            Chosen = candidates.Best.Name,
            Metric = candidates.Metric,
            TriedOut = decision == Decision.TriedOut ? Rollout.Name(frame.Definition) : null,
        };

    private Task LogInputAsync(Run run, TrainingFrame frame, CancellationToken cancellationToken) =>
        workspace.Runs.LogInputAsync(run.Id,
            new DatasetInput(
                frame.Definition.Model, frame.Snapshot.Hash.Hex[..32], "local",
                LoopJson.Evidence(new { uri = frame.Snapshot.Path }).ToJsonString(), null,
                string.Create(CultureInfo.InvariantCulture, $$"""{"num_rows": {{frame.Set.RowCount}}}"""), "training"),
            cancellationToken);

    private async Task EndAsync(RunJournal journal, Exception error)
    {
        var killed = error is OperationCanceledException;
        var cause = killed ? "stopped" : error.Message;
        await journal.RecordAsync(LedgerKind.RunFailed, $"pipeline run ended early: {cause}",
            new { cause, error = error.GetType().Name });
        await workspace.Runs.FinishAsync(
            journal.RunId, killed ? RunStatus.Killed : RunStatus.Failed, CancellationToken.None);
    }
}
