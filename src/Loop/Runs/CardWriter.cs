using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Reports;
using Gyre.Models;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Runs;

/// <summary>Gathers what a model card tells from the run that made the model.</summary>
internal sealed class CardWriter(
    TrainingFrame frame, HoldOut holdOut, Candidates candidates, FittedPipeline deployed, bool refit, ServingFacts serving)
{
    /// <summary>About as many row × resample visits as a second has room for.</summary>
    private const long BootstrapBudget = 20_000_000;

    /// <summary>About as many row × tree visits as two seconds have room for.</summary>
    private const long ImportanceBudget = 200_000_000;

    private readonly TrainingSet _test = frame.Set.Take(holdOut.Test);

    public string Write(string runId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var importance = Importance(cancellationToken);
        return ModelCard.Write(new ModelCardContent
        {
            Name = frame.Definition.Model,
            Purpose = Purpose(),
            Task = frame.Definition.Task,
            Target = frame.Definition.Target,
            Classes = frame.Set.Classes,
            CreatedAt = now,
            RunId = runId,
            Data = Source(),
            Split = $"Held out: {holdOut.Description} ({holdOut.Test.Length} of {frame.Set.RowCount}). " + (refit
                ? "The figures below are of the candidate trained without them; the deployed model was then trained once more on all rows."
                : "The deployed model was not trained on them."),
            Contract = [.. frame.Definition.Contract.Columns.Where(c => serving.Inputs.Contains(c.Name)).Select(Rules)],
            Features = [.. frame.Definition.Derived.Select(d => new ModelCardFeature(d.Name, d.Sql))],
            Candidates = [.. candidates.All.Select(Candidate)],
            WhyChosen = Why(),
            Search = [.. candidates.All.SelectMany(c => c.Search)],
            Metrics = [.. candidates.Best.Metrics.Keys.Select(name => Metric(name, cancellationToken))],
            Evaluation = Evaluation(),
            Importance = [.. importance.Select(i => new ModelCardImportance(i.Feature, i.Mean, i.StandardDeviation))],
            ImportanceMeaning = $"How much worse {candidates.Metric} gets when the column is shuffled among held-out rows.",
            Serving = serving.Facts,
            Limits = Limits(),
            Improvements = Improvements(importance),
        });
    }

    private string Purpose() => frame.Definition.Recommend is { } recommend
        ? $"For programs that show a user (`{recommend.User}`) the {recommend.Top} items (`{recommend.Item}`) that are most likely " +
          "wanted next. What a user has had is not recommended again; an unknown user gets what is best without knowing anybody. " +
          "Served by `gyre up`, or by anything that runs ONNX: factors, and what users have had, are inside the graph."
        : $"For programs that know {frame.Set.Inputs.Count} features of a row before its `{frame.Definition.Target}` is known. " +
        "Served by `gyre up`, or by anything that runs ONNX: preprocessing and derived features are inside the graph.";

    // Beside the package's folder, wherever the artifacts are moved to.
    private string? Evaluation()
    {
        const string Report = $"../{EvaluationStep.Folder}/{EvaluationReport.PageFile}";
        const string Tells = "slices, calibration or residuals, contributions and dependence";
        return frame.Definition.Training.Evaluation.Report switch
        {
            ReportFor.Always => $"The evaluation report, with {Tells}: [{Report}]({Report}).",
            ReportFor.Promoted =>
                $"If this version became champion, its evaluation report, with {Tells}, is [{Report}]({Report}).",
            _ => null,
        };
    }

    private ModelCardSource Source()
    {
        var files = string.Join(", ", frame.Definition.Source.Paths.Select(Path.GetFileName));
        var set = frame.Contract.QuarantinedRows > 0 ? $"; {frame.Contract.QuarantinedRows} rows broke the contract and were set aside" : "";
        var (from, until) = frame.Time is { } time ? (At(time.Values.ToArray().Min()), At(time.Values.ToArray().Max())) : (null, null);
        return new ModelCardSource(files + set, frame.Snapshot.Hash.Hex, frame.Set.RowCount, from, until);

        static DateTimeOffset? At(long microseconds) => DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds);
    }

    private ModelCardCandidate Candidate(Candidate candidate) => new(
        candidate.Name,
        [
            new ModelCardMetric(candidates.Metric, candidate.Metrics[candidates.Metric]),
            .. candidate.Metrics.Where(m => m.Key != candidates.Metric).Select(m => new ModelCardMetric(m.Key, m.Value)),
        ],
        candidate.Fit, candidate == candidates.Best);

    private string Why()
    {
        var runnerUp = candidates.All.Where(c => c != candidates.Best)
            .OrderBy(c => Metrics.HigherIsBetter(candidates.Metric) ? -c.Choosing : c.Choosing).FirstOrDefault();
        if (runnerUp is null) return "There was no other candidate.";
        var where = frame.Definition.Training.Folds > 1
            ? Invariant($"the mean over {frame.Definition.Training.Folds} folds") : "the held-out rows";
        return Invariant($"`{candidates.Best.Name}` has the best {candidates.Metric} by {where}: {candidates.Best.Choosing:0.####}, ") +
               Invariant($"against {runnerUp.Choosing:0.####} of `{runnerUp.Name}`.");
    }

    private ModelCardMetric Metric(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var resamples = (int)Math.Clamp(BootstrapBudget / Math.Max(_test.RowCount, 1), 100, Bootstrap.DefaultResamples);
        var interval = Bootstrap.Interval(
            name, _test.Target, candidates.Best.Predictions, frame.Definition.Training.Seed, resamples,
            cancellationToken);
        return new ModelCardMetric(name, interval.Value, interval.Interval.Lower, interval.Interval.Upper);
    }

    private ImmutableArray<FeatureImportance> Importance(CancellationToken cancellationToken)
    {
        var pipeline = candidates.Best.Pipeline;
        if (pipeline.Model is ConstantModel) return [];
        var trees = TreesIn(pipeline.Model);
        var rows = (int)Math.Clamp(ImportanceBudget / (3L * Math.Max(trees, 1) * pipeline.Inputs.Count), 200, 5000);
        return PermutationImportance.Compute(
            pipeline, _test, candidates.Metric, frame.Definition.Training.Seed, repeats: 3, rows, cancellationToken);
    }

    private static int TreesIn(Model model) => model switch
    {
        BoostedTreesModel trees => trees.Trees.Length,
        EnsembleModel ensemble => ensemble.Members.Sum(m => TreesIn(m.Pipeline.Model)),
        _ => 1,
    };

    private static ModelCardColumn Rules(ColumnContract column)
    {
        var rules = new List<string>();
        if (column.Nullability is { } required) rules.Add($"never missing ({Name(required.Action)})");
        if (column.Range is { } range)
            rules.Add(Invariant($"{range.Min?.ToString(CultureInfo.InvariantCulture) ?? "−∞"} to {range.Max?.ToString(CultureInfo.InvariantCulture) ?? "∞"} ({Name(range.Action)})"));
        if (column.Allowed is { } allowed)
        {
            var shown = string.Join(", ", allowed.Values.Take(8)) + (allowed.Values.Length > 8 ? ", …" : "");
            rules.Add($"one of {shown} ({Name(allowed.Action)})");
        }

        if (column.Unique is { } unique) rules.Add($"unique ({Name(unique.Action)})");
        return new ModelCardColumn(column.Name, column.Type.Type, string.Join("; ", rules));
    }

    private ImmutableArray<string> Limits()
    {
        var limits = ImmutableArray.CreateBuilder<string>();
        if (TreesIn(deployed.Model) > 1)
            limits.Add("Trees do not extrapolate: a number outside the range of the training rows counts as the end of that range.");
        if (deployed.Model is RecommenderModel)
        {
            limits.Add("It knows users and items by their ids alone: an item that nobody had in training is never recommended, and " +
                       "what users did since training is not taken into account before the next run.");
            limits.Add("Ranking metrics count held-out items only: a good recommendation that the user never came across counts as a miss.");
        }

        if (deployed.Model is LinearModel)
            limits.Add("A linear model knows no interactions and extrapolates without bound outside the range of the training rows.");
        if (frame.Definition.Recommend is null && frame.Set.Inputs.Any(c => c.Type == ColumnType.Categorical))
            limits.Add("A category that training did not see is treated as unknown, not as the category most like it.");
        if (frame.Time is not null)
            limits.Add("It reflects the time it was trained on; the watcher compares its realized error with the figures above.");
        if (refit) limits.Add("The deployed model itself, trained on all rows, was not measured on unseen rows before its first feedback.");
        if (frame.Contract.Broken.Any())
            limits.Add($"The data broke {frame.Contract.Broken.Count()} rules of the contract when it was read; the ledger has them.");
        if (holdOut.Test.Length < 200)
            limits.Add($"Only {holdOut.Test.Length} rows were held out: the intervals are wide.");
        return limits.ToImmutable();
    }

    private ImmutableArray<string> Improvements(ImmutableArray<FeatureImportance> importance)
    {
        var advice = ImmutableArray.CreateBuilder<string>();
        var idle = importance.Where(i => i.Mean <= i.StandardDeviation).Select(i => $"`{i.Feature}`").ToList();
        if (idle.Count > 0)
            advice.Add($"Shuffling {string.Join(", ", idle.Take(6))} does no measurable harm: try without, or replace by something that says more.");
        if (frame.Definition.Training.Folds < 2)
            advice.Add("Set `training.folds` to choose among candidates by cross-validation rather than by one set of held-out rows.");
        if (frame.Set.RowCount < 10_000) advice.Add($"There are {frame.Set.RowCount} rows: more would narrow the intervals.");
        if (frame.Definition.Derived.IsEmpty && frame.Definition.Recommend is null)
            advice.Add("Derive ratios or calendar parts under `features.derive`; they are computed inside the model.");
        return advice.ToImmutable();
    }

    private static string Name(RuleAction action) => action.ToString().ToLowerInvariant();

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a card tells of serving.</summary>
/// <param name="Inputs">The columns of a request.</param>
/// <param name="Facts">Size, latency, parity.</param>
internal sealed record ServingFacts(Schema Inputs, ImmutableArray<ModelCardFact> Facts)
{
    public static ServingFacts Of(CandidatePackage package) => new(package.Inputs,
    [
        new ModelCardFact("size of `model.onnx`", string.Create(CultureInfo.InvariantCulture, $"{package.Bytes / 1e6:0.00} MB")),
        new ModelCardFact("one row, 99th percentile", string.Create(CultureInfo.InvariantCulture, $"{package.Latency.TotalMilliseconds:0.###} ms")),
        new ModelCardFact("parity with the trainer", string.Create(CultureInfo.InvariantCulture,
            $"{package.Parity.MaxRelativeDifference:0.0e+0} relative at most on {package.Parity.Rows} rows")),
    ]);
}
