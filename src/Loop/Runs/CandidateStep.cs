using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Searching;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;

namespace Gyre.Loop.Runs;

/// <summary>Trains every candidate, each a run of its own beneath the pipeline's, and chooses the best.</summary>
internal sealed class CandidateStep(Workspace workspace, RunJournal journal, Run parent)
{
    private static string DummyOf(PipelineDefinition definition) =>
        definition.Task == TaskKind.Recommendation ? "popularity" : "dummy";

    public async Task<Candidates> RunAsync(TrainingFrame frame, HoldOut holdOut, CancellationToken cancellationToken)
    {
        var settings = frame.Definition.Training;
        var metric = MetricOf(frame.Definition);
        var train = frame.Set.Take(holdOut.Train);
        var test = frame.Set.Take(holdOut.Test);
        var all = ImmutableArray.CreateBuilder<Candidate>();
        foreach (var trainer in Trainers(frame.Definition))
        {
            cancellationToken.ThrowIfCancellationRequested();
            all.Add(await journal.StepAsync(trainer.Name,
                () => TrainAsync(trainer, train, test, frame, holdOut, metric, cancellationToken),
                candidate => string.Join(", ", candidate.AllMetrics(metric).Where(m => m.Key.EndsWith(metric, StringComparison.Ordinal))
                    .Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key} {m.Value:0.####}")))));
        }

        if (settings.Search is not null)
        {
            all.Add(await journal.StepAsync(SearchStep.Name,
                () => new SearchStep(workspace, journal, parent).RunAsync(frame, holdOut, metric, cancellationToken),
                candidate => string.Create(CultureInfo.InvariantCulture,
                    $"{metric} {candidate.Metrics[metric]:0.####}. {candidate.Search[^1]}")));
        }

        var best = all.Aggregate((a, b) => IsBetter(metric, b.Choosing, a.Choosing) ? b : a);
        return new Candidates(all.ToImmutable(), best, metric);
    }

    /// <summary>The metric that chooses.</summary>
    /// <exception cref="GyreException">There is no such metric for the task.</exception>
    internal static string MetricOf(PipelineDefinition definition)
    {
        var metric = definition.Training.Metric ?? Metrics.Default(definition.Task);
        return Metrics.All(definition.Task).Contains(metric)
            ? metric
            : throw GyreException.Invalid(
                $"{PipelineReader.FileName}: training.metric: '{metric}' is not one of {string.Join(", ", Metrics.All(definition.Task))}");
    }

    /// <summary>The reported metrics of a candidate on held-out rows, and the one that chooses.</summary>
    /// <exception cref="GyreException">The one that chooses is not defined for them.</exception>
    internal static IReadOnlyDictionary<string, double> MetricsOf(
        string candidate, TrainingSet test, Predictions predictions, string metric)
    {
        var metrics = Metrics.Evaluate(test, predictions, metric);
        return metrics.ContainsKey(metric) ? metrics : throw Undefined(candidate, metric, "the held-out rows");
    }

    private static GyreException Undefined(string candidate, string metric, string where) => GyreException.Invalid(
        $"{PipelineReader.FileName}: training.metric: '{metric}' of {candidate} is not defined on {where}; choose another");

    internal static TrainingContext Context(TrainingSettings settings, RunJournal journal, CancellationToken cancellationToken) =>
        new(settings.Seed, settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount, journal.TrainingProgress,
            cancellationToken);

    /// <summary>The dummy, then those of the pipeline file; a trainer that is named twice gets a number.</summary>
    private static IEnumerable<NamedTrainer> Trainers(PipelineDefinition definition)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var dummy = DummyOf(definition);
        IEnumerable<TrainerSettings> all =
        [
            new TrainerSettings(dummy, ImmutableDictionary<string, string>.Empty),
            .. definition.Training.Trainers.Where(t => t.Name != dummy),
        ];
        foreach (var settings in all)
        {
            var trainer = TransformingTrainer.Wrap(
                TrainerFactory.Create(settings.Name, ParametersOf(settings, definition), definition.Task), definition.Transforms);
            if (settings.Name != dummy)
                trainer = CalibratingTrainer.Wrap(trainer, definition.Training.Calibration, definition.Training.Threshold);
            var name = settings.Name;
            for (var i = 2; !taken.Add(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{settings.Name}-{i}");
            yield return new NamedTrainer(name, trainer);
        }
    }

    /// <summary>All candidates recommend lists of one length.</summary>
    private static ImmutableDictionary<string, string> ParametersOf(TrainerSettings settings, PipelineDefinition definition) =>
        definition.Recommend is { } recommend
            ? settings.Parameters.SetItem("top", recommend.Top.ToString(CultureInfo.InvariantCulture))
            : settings.Parameters;

    private async Task<Candidate> TrainAsync(
        NamedTrainer named, TrainingSet train, TrainingSet test, TrainingFrame frame, HoldOut holdOut, string metric,
        CancellationToken cancellationToken)
    {
        var run = await workspace.Runs.StartAsync(new RunStart(parent.ExperimentId, named.Name, parent.Id), cancellationToken);
        try
        {
            var candidate = await Task.Run(
                () => Fit(named, train, test, frame, holdOut, metric, run.Id, cancellationToken), cancellationToken);
            await workspace.Runs.LogBatchAsync(run.Id, new RunBatch
            {
                Parameters = named.Trainer.Parameters.ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal),
                Metrics =
                [
                    .. candidate.AllMetrics(metric).Select(m => new Metric(m.Key, m.Value)),
                    new Metric("fit_seconds", candidate.Fit.TotalSeconds),
                ],
            }, cancellationToken);
            await journal.RecordAsync(LedgerKind.Candidate,
                string.Create(CultureInfo.InvariantCulture, $"{named.Name}: {metric} {candidate.Metrics[metric]:0.####}"),
                new { trainer = named.Name, metrics = candidate.Metrics, fitSeconds = candidate.Fit.TotalSeconds, run = run.Id },
                cancellationToken: cancellationToken);
            await workspace.Runs.FinishAsync(run.Id, RunStatus.Finished, cancellationToken);
            return candidate;
        }
        catch (Exception error)
        {
            await workspace.Runs.FinishAsync(
                run.Id, error is OperationCanceledException ? RunStatus.Killed : RunStatus.Failed, CancellationToken.None);
            throw;
        }
    }

    private Candidate Fit(
        NamedTrainer named, TrainingSet train, TrainingSet test, TrainingFrame frame, HoldOut holdOut, string metric,
        string runId, CancellationToken cancellationToken)
    {
        var context = Context(frame.Definition.Training, journal, cancellationToken);
        var clock = Stopwatch.StartNew();
        var pipeline = named.Trainer.Train(train, validation: null, context);
        var fit = clock.Elapsed;
        var predictions = pipeline.Predict(test.Features);
        var metrics = MetricsOf(named.Name, test, predictions, metric);
        return new Candidate(named.Name, named.Trainer, pipeline, predictions, metrics,
            Choosing(named.Trainer, train, frame, holdOut, metric, context) ?? metrics[metric], fit, runId);
    }

    /// <summary>The mean over folds of the rows that are not held out; null without folds.</summary>
    private static double? Choosing(
        ITrainer trainer, TrainingSet train, TrainingFrame frame, HoldOut holdOut, string metric, TrainingContext context)
    {
        if (frame.Definition.Training.Folds is not (var folds and > 1)) return null;
        var time = holdOut.Method == SplitMethod.Time ? frame.Time?.Take(holdOut.Train) : null;
        var kind = time is not null ? SplitKind.Time
            : train.Task.HasClasses() ? SplitKind.Stratified : SplitKind.Random;
        var splits = Splitter.Folds(train, kind, folds, time, context.Seed);
        return new CrossValidation(trainer, splits).Run(train, context, metric).Metrics.TryGetValue(metric, out var summary)
            ? summary.Mean
            : throw Undefined(trainer.Name, metric, "the folds");
    }

    private static bool IsBetter(string metric, double candidate, double best) =>
        double.IsNaN(best) || (Metrics.HigherIsBetter(metric) ? candidate > best : candidate < best);

    private sealed record NamedTrainer(string Name, ITrainer Trainer);
}
