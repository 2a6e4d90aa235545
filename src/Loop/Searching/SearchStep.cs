using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Runs;
using Gyre.Models;
using Gyre.Tracking;
using Gyre.Training;

namespace Gyre.Loop.Searching;

/// <summary>Searches for a model: one candidate, whose trials are runs beneath its own.</summary>
internal sealed class SearchStep(Workspace workspace, RunJournal journal, Run parent)
{
    /// <summary>The candidate's name.</summary>
    public const string Name = "search";

    /// <summary>Searches.</summary>
    /// <param name="frame">All rows.</param>
    /// <param name="holdOut">Which of them are searched on, and which only measure what was found.</param>
    /// <param name="metric">The metric that chooses among candidates; the search may have another.</param>
    /// <param name="cancellationToken">Stops within a second; finished trials are kept.</param>
    public async Task<Candidate> RunAsync(
        TrainingFrame frame, HoldOut holdOut, string metric, CancellationToken cancellationToken)
    {
        var training = frame.Definition.Training;
        var settings = training.Search ?? throw new InvalidOperationException("There is no search.");
        settings = settings with { Metric = settings.Metric ?? metric, Transforms = frame.Definition.Transforms };
        var run = await workspace.Runs.StartAsync(new RunStart(parent.ExperimentId, Name, parent.Id), cancellationToken);
        try
        {
            var clock = Stopwatch.StartNew();
            var result = await SearchAsync(frame, holdOut, settings, run, cancellationToken);
            var fit = clock.Elapsed;
            var candidate = await Task.Run(() => Candidate(frame, holdOut, metric, result, fit, run.Id), cancellationToken);
            await LogAsync(run, candidate, result, cancellationToken);
            return candidate;
        }
        catch (Exception error)
        {
            await workspace.Runs.FinishAsync(
                run.Id, error is OperationCanceledException ? RunStatus.Killed : RunStatus.Failed, CancellationToken.None);
            throw;
        }
    }

    private async Task<SearchResult> SearchAsync(
        TrainingFrame frame, HoldOut holdOut, SearchSettings settings, Run run, CancellationToken cancellationToken)
    {
        var folder = TrialFolder.Open(workspace, frame, holdOut);
        using var trials = await TrialJournal.OpenAsync(
            workspace, folder, run, settings.Metric ?? "", journal.Progress, cancellationToken);
        if (trials.Earlier.Count > 0)
        {
            journal.Remark(string.Create(CultureInfo.InvariantCulture,
                $"the search goes on after {trials.Earlier.Count} trials and {trials.EarlierUsed.TotalSeconds:0} s of an earlier run"));
        }

        var train = frame.Set.Take(holdOut.Train);
        var time = holdOut.Method == SplitMethod.Time ? frame.Time?.Take(holdOut.Train) : null;
        var context = CandidateStep.Context(frame.Definition.Training, journal, cancellationToken);
        try
        {
            var search = new ModelSearch(settings, workspace.Time);
            var result = await Task.Run(() => search.Run(train, time, context, trials), cancellationToken);
            foreach (var remark in result.Remarks) journal.Remark(remark);
            return result;
        }
        finally
        {
            await trials.AbandonAsync();
        }
    }

    private Candidate Candidate(
        TrainingFrame frame, HoldOut holdOut, string metric, SearchResult result, TimeSpan fit, string runId)
    {
        var test = frame.Set.Take(holdOut.Test);
        var ensemble = result.Ensemble is { } found && WhyTooSlow(frame, holdOut, found) is null ? found : null;
        var pipeline = ensemble?.Pipeline ?? result.Single;
        var trainer = ensemble?.Trainer ?? result.SingleTrainer;
        var predictions = pipeline.Predict(test.Features);
        var metrics = CandidateStep.MetricsOf(Name, test, predictions, metric);
        var byFolds = frame.Definition.Training.Folds > 1 && result.Metric == metric;
        return new Candidate(
            Name, trainer, pipeline, predictions, metrics,
            byFolds && double.IsFinite(result.Best.Value) ? ensemble?.Value ?? result.Best.Value : metrics[metric], fit, runId)
        {
            Search = [.. SearchFacts.Of(result, ensemble)],
        };
    }

    /// <summary>Why the ensemble cannot be served, by the limits of the gates; null when it can.</summary>
    private string? WhyTooSlow(TrainingFrame frame, HoldOut holdOut, SearchEnsemble ensemble)
    {
        var gates = frame.Definition.Gates;
        var onnx = OnnxExporter.Export(ensemble.Pipeline, frame.Plan.Derived, frame.Plan.Request);
        using var scorer = ModelScorer.FromBytes(onnx);
        var row = frame.Table.Take(holdOut.Test.AsSpan(0, 1)).Select(scorer.Inputs.Select(c => c.Name));
        var latency = PackageStep.LatencyOf(scorer, row);
        var cause = latency > gates.Latency
            ? Invariant($"takes {latency.TotalMilliseconds:0.###} ms a row (p99); gates.latency allows {gates.Latency.TotalMilliseconds:0.###} ms")
            : onnx.Length > gates.SizeMb * 1e6
                ? Invariant($"has {onnx.Length / 1e6:0.0} MB; gates.size_mb allows {gates.SizeMb:0.##}") : null;
        if (cause is not null)
            journal.Remark($"the ensemble of {ensemble.Members.Length} {cause}: the best single model is taken instead");
        return cause;
    }

    private async Task LogAsync(Run run, Candidate candidate, SearchResult result, CancellationToken cancellationToken)
    {
        await workspace.Runs.LogBatchAsync(run.Id, new RunBatch
        {
            Parameters = candidate.Trainer.Parameters,
            Metrics =
            [
                .. candidate.Metrics.Select(m => new Metric(m.Key, m.Value)),
                .. double.IsFinite(result.Best.Value) ? [new Metric($"cv_{result.Metric}", result.Best.Value)] : (Metric[])[],
                new Metric("trials", result.Trials.Length),
                new Metric("used_seconds", result.Used.TotalSeconds),
                new Metric("fit_seconds", candidate.Fit.TotalSeconds),
            ],
            Tags = new Dictionary<string, string> { ["gyre.search"] = string.Join(' ', candidate.Search) },
        }, cancellationToken);
        await journal.RecordAsync(LedgerKind.Candidate, Invariant($"{Name}: {string.Join(' ', candidate.Search)}"),
            new { trainer = Name, metrics = candidate.Metrics, searched = candidate.Search, run = run.Id },
            cancellationToken: cancellationToken);
        await workspace.Runs.FinishAsync(run.Id, RunStatus.Finished, cancellationToken);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
