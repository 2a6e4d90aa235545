using System.Collections.Immutable;
using System.Globalization;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Models;
using Gyre.Monitoring;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;

namespace Gyre.Loop.Runs;

/// <summary>
/// Trains the best candidate on all rows where that is wanted, writes it as one graph, holds the graph against the
/// trainer, and registers the whole package as a version.
/// </summary>
internal sealed class PackageStep(Workspace workspace, RunJournal journal, Run run)
{
    /// <summary>The reference profile's file in a package.</summary>
    public const string ReferenceProfileFile = "reference_profile.json";

    /// <summary>The most rows that are compared and timed.</summary>
    private const int ParityRows = 20_000;

    /// <summary>The same of a recommender, each of whose rows scores every item.</summary>
    private const int ParityLists = 2_000;

    private const int BackgroundRows = 1_000;

    private const int ProfiledPredictions = 5_000;

    private const int ProfiledLists = 1_000;

    private readonly IdGenerator _ids = new(workspace.Time);

    public async Task<CandidatePackage> RunAsync(
        TrainingFrame frame, HoldOut holdOut, Candidates candidates, CancellationToken cancellationToken)
    {
        var refit = frame.Definition.Training.Refit ?? holdOut.Method == SplitMethod.Time;
        var deployed = refit
            ? await journal.StepAsync("refit", () => RefitAsync(frame, candidates.Best, cancellationToken),
                _ => string.Create(CultureInfo.InvariantCulture, $"{candidates.Best.Name} on all {frame.Set.RowCount:N0} rows"))
            : candidates.Best.Pipeline;
        return await journal.StepAsync("package",
            () => PackageAsync(frame, holdOut, candidates, deployed, refit, cancellationToken),
            package => package.Version is { } version
                ? string.Create(CultureInfo.InvariantCulture, $"version {version.Version}, {package.Bytes / 1e6:0.00} MB")
                : "refused: the graph differs from the trainer");
    }

    /// <summary>The same trainer with the rounds that it had found, on every row.</summary>
    private Task<FittedPipeline> RefitAsync(TrainingFrame frame, Candidate best, CancellationToken cancellationToken)
    {
        var trainer = best.Trainer.Settled(best.Pipeline);
        var context = CandidateStep.Context(frame.Definition.Training, journal, cancellationToken);
        return Task.Run(() => trainer.Train(frame.Set, validation: null, context), cancellationToken);
    }

    private async Task<CandidatePackage> PackageAsync(
        TrainingFrame frame, HoldOut holdOut, Candidates candidates, FittedPipeline deployed, bool refit,
        CancellationToken cancellationToken)
    {
        var onnx = await Task.Run(
            () => OnnxExporter.Export(deployed, frame.Plan.Derived, frame.Plan.Request), cancellationToken);
        using var scorer = ModelScorer.FromBytes(onnx);
        var most = scorer.Top is null ? ParityRows : ParityLists;
        var heldOut = holdOut.Test.AsSpan(0, Math.Min(holdOut.Test.Length, most)).ToArray();
        var comparable = scorer.ComparableRows(frame.Table.Take(heldOut));
        var parity = await Task.Run(
            () => ParityCheck.Compare(deployed, frame.Set.Take(heldOut).Features, scorer, comparable), cancellationToken);
        var raw = comparable.Select(scorer.Inputs.Select(c => c.Name));
        var latency = await Task.Run(() => LatencyOf(scorer, raw.Take([0])), cancellationToken);
        var measured = new CandidatePackage(null, scorer.Inputs, parity, latency, onnx.Length);
        if (!parity.Passed) return measured;
        var explanation = await Task.Run(() => ExplanationExport.Create(deployed, frame.Plan.Derived, frame.Plan.Request, onnx,
            frame.Set.Take(heldOut).Features, raw, Background(frame, scorer), cancellationToken), cancellationToken);

        var folder = Path.Combine(workspace.Artifacts.FolderOf(run), "model");
        var writer = new CardWriter(frame, holdOut, candidates, deployed, refit, ServingFacts.Of(measured));
        var card = await Task.Run(() => writer.Write(run.Id, workspace.Time.GetUtcNow(), cancellationToken), cancellationToken);
        await ModelPackage.WriteAsync(folder, new ModelPackageContent(
            onnx, _ids.Next(), run.Id, workspace.Time.GetUtcNow(), raw,
            [
                PackageFile.OfText(ReferenceProfileFile, Profile(frame, scorer).ToJson()),
                PackageFile.OfText("model_card.md", card),
                PackageFile.OfText("pipeline.yaml", frame.Definition.Text),
                .. explanation.Files,
            ])
        {
            Metadata = Tags(frame, holdOut, candidates, refit).ToImmutableSortedDictionary(StringComparer.Ordinal)
                .Add(ExplanationExport.MetadataKey, explanation.Description),
        }, cancellationToken);
        return measured with { Version = await RegisterAsync(frame, holdOut, candidates, refit, folder, cancellationToken) };
    }

    /// <summary>The best of a few measurements: what the machine does beside it is not the model's.</summary>
    internal static TimeSpan LatencyOf(ModelScorer scorer, Table row) =>
        Enumerable.Range(0, 3).Min(_ => scorer.MeasureLatency(row, repeats: 300).P99);

    private async Task<ModelVersion> RegisterAsync(
        TrainingFrame frame, HoldOut holdOut, Candidates candidates, bool refit, string folder, CancellationToken cancellationToken)
    {
        var model = frame.Definition.Model;
        var version = await workspace.Registry.CreateVersionAsync(
            model, folder, run.Id, Tags(frame, holdOut, candidates, refit),
            string.Create(CultureInfo.InvariantCulture,
                $"{candidates.Best.Name}, {candidates.Metric} {candidates.Best.Metrics[candidates.Metric]:0.####}"),
            cancellationToken);
        await journal.RecordAsync(LedgerKind.Registered, $"version {version.Version} registered: {version.Description}",
            new { folder, trainer = candidates.Best.Name, metrics = candidates.Best.Metrics }, version.Version, CancellationToken.None);
        return version;
    }

    private static Dictionary<string, string> Tags(TrainingFrame frame, HoldOut holdOut, Candidates candidates, bool refit)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [VersionTags.Snapshot] = frame.Snapshot.Hash.Hex,
            [VersionTags.Trainer] = candidates.Best.Name,
            [VersionTags.Refit] = refit ? "true" : "false",
            [VersionTags.HoldOut] = holdOut.Key,
        };
        if (frame.Time is { } time)
        {
            var rows = refit ? Enumerable.Range(0, time.Length) : holdOut.Train;
            tags[VersionTags.TrainedUntil] = rows.Max(row => time.Values[row]).ToString(CultureInfo.InvariantCulture);
        }

        foreach (var (name, value) in candidates.Best.Metrics)
            tags[VersionTags.MetricPrefix + name] = value.ToString("R", CultureInfo.InvariantCulture);
        return tags;
    }

    /// <summary>An even sample of the raw rows, over which a linear model's base value is taken.</summary>
    private static Table Background(TrainingFrame frame, ModelScorer scorer) =>
        frame.Table.Select(scorer.Inputs.Select(c => c.Name)).Take(Sample(frame.Table.RowCount, BackgroundRows));

    private static int[] Sample(int rows, int most)
    {
        var count = Math.Min(rows, most);
        return [.. Enumerable.Range(0, count).Select(i => (int)((long)i * rows / count))];
    }

    /// <summary>
    /// What served rows are compared with: the raw inputs trained on, and the graph's own predictions of an even sample.
    /// </summary>
    private static ReferenceProfile Profile(TrainingFrame frame, ModelScorer scorer)
    {
        var inputs = frame.Table.Select(scorer.Inputs.Select(c => c.Name));
        var sample = Sample(inputs.RowCount, scorer.Top is null ? ProfiledPredictions : ProfiledLists);
        var predictions = scorer.Score(inputs.Take(sample)).Predictions;
        return ReferenceProfile.Create(inputs, PredictionColumn.Create(scorer.Task, scorer.Classes, predictions.Values));
    }
}
