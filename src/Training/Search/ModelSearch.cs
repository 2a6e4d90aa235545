using System.Collections.Immutable;
using System.Globalization;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Search;

namespace Gyre.Training;

/// <summary>
/// Looks for the best model within a budget of time, trials and memory.
/// <para>
/// 1. The dummy, a linear model, boosting with its default options (fitted on all rows first) and a portfolio of good
/// options are tried, then options suggested by what they told.
/// Every trial is cross-validated and its out-of-fold predictions are kept; one that is hopeless after its first folds
/// is given up. 2. What a trial will take is predicted by earlier ones; what does not fit is not begun, and what is under
/// way when its time is over is stopped. Time for step 3 is set aside all along. 3. A weighted ensemble is chosen greedily
/// by the out-of-fold predictions, and its members are fitted on all rows.
/// </para>
/// Folds: three times 10 up to 2,000 rows (times classes), 5 up to 20,000, 3 up to 200,000, beyond that a held-out fifth; above
/// 150,000 trials begin on a quarter or an eighth of the rows and the best third goes on to all. With a time column every
/// fold learns from the past; where the default options then do worse than the dummy, or their folds do not fit the
/// budget, the mean of models of the default options is taken. Immutable; one run at a time is not required.
/// </summary>
public sealed class ModelSearch
{
    private readonly SearchSettings _settings;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<string>? _trainers;
    private readonly Func<string, IReadOnlyDictionary<string, string>, TaskKind, ITrainer> _make;

    /// <summary>Creates a search.</summary>
    /// <param name="settings">What it may spend.</param>
    /// <param name="time">The clock of its budget; null for the machine's.</param>
    /// <exception cref="ArgumentException">Neither a budget nor a number of trials ends it, or one is not above
    /// 0.</exception>
    public ModelSearch(SearchSettings settings, TimeProvider? time = null)
        : this(settings, time, null, TrainerFactory.Create)
    {
    }

    internal ModelSearch(
        SearchSettings settings, TimeProvider? time, IReadOnlyList<string>? trainers,
        Func<string, IReadOnlyDictionary<string, string>, TaskKind, ITrainer> make)
    {
        if (settings.Budget is null && settings.Trials is null)
            throw new ArgumentException("A search needs a budget or a number of trials.", nameof(settings));
        if (settings.Budget <= TimeSpan.Zero || settings.Trials <= 0 || settings.MaxMembers is < 1 or > 50)
            throw new ArgumentException("A budget, trials and members must be above 0.", nameof(settings));
        (_settings, _time, _trainers, _make) = (settings, time ?? TimeProvider.System, trainers, make);
    }

    /// <summary>Searches. Synchronous and CPU-bound.</summary>
    /// <param name="set">The rows to learn from. Rows to judge the result by must not be among them.</param>
    /// <param name="time">Each row's time; null when rows have no order.</param>
    /// <param name="context">Seed, threads and cancellation; its memory limit is replaced by the settings'.</param>
    /// <param name="journal">Keeps the trials; null for none.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled; noticed within a second.</exception>
    /// <exception cref="GyreException">A trainer, an option or the metric does not exist, or the rows cannot be
    /// learned from.</exception>
    public SearchResult Run(TrainingSet set, Column? time, TrainingContext context, ISearchJournal? journal = null)
    {
        var metric = _settings.Metric ?? Metrics.Default(set.Task);
        if (!Metrics.All(set.Task).Contains(metric))
        {
            throw GyreException.Invalid(
                $"There is no metric '{metric}' to search by; there are {string.Join(", ", Metrics.All(set.Task))}.");
        }

        TrainingGuard.Check(new DummyTrainer(), set, context);
        var earlier = journal?.Earlier ?? [];
        var clock = new SearchClock(_time, _settings.Budget, journal?.EarlierUsed.TotalSeconds ?? 0);
        var trainers = _trainers ?? TrainerFactory.NamesFor(set.Task);
        var plan = FoldPlan.Of(set, time, _settings.Folds, context.Seed);
        var shelf = new TrainerShelf(_settings, set, trainers, (name, options) =>
            TransformingTrainer.Wrap(_make(name, options, set.Task), _settings.Transforms), plan.Screening < 1);
        var runner = new TrialRunner(set, plan, metric, context, _time, _settings.MemoryLimit);
        var history = new SearchHistory(metric);
        var costs = new CostModel(set.Task);
        foreach (var trial in earlier)
        {
            history.Add(trial, []);
            costs.Learn(trial, plan.TrainRows);
        }

        var final = new FinalFit(
            set, plan, shelf, history, costs, clock, context with { MemoryLimit = _settings.MemoryLimit }, runner.Wave);
        var evidence = new FoldEvidence(plan, shelf, metric);
        var ending = new TrialLoop(_settings, metric, shelf, plan, runner, history, costs, clock, final, evidence, journal)
            .Run(context.Seed, context.CancellationToken);
        var why = evidence.Misleads(history.Trials)
            ? "in a stretch of time the default options were worse than the dummy, so that folds cannot rank models"
            : final.Standard is not null && evidence.IsMissing(history.Trials)
                ? "folds of the default options on all rows could not be trained in time" : null;
        if (why is not null && Twins(set, metric, history, clock, final, shelf, plan, ending, why) is { } twins) return twins;
        return Finish(set, metric, history, clock, final, context, ending, plan, shelf);
    }

    private SearchResult Finish(
        TrainingSet set, string metric, SearchHistory history, SearchClock clock, FinalFit final, TrainingContext context,
        string ending, FoldPlan plan, TrainerShelf shelf)
    {
        using var choosing = clock.Within(0.3 * clock.Left, context.CancellationToken);
        var members = final.Choose(metric, _settings.MaxMembers, choosing.Token);
        context.CancellationToken.ThrowIfCancellationRequested();
        var best = history.Best
            ?? throw GyreException.Invalid("The time was over before any trial had finished; the search needs a larger budget.");
        // What is known of options by a share of the rows alone does not stand against a model of all.
        var standard = final.Standard is null
            ? null : history.Trials.FirstOrDefault(t => t.Spec.Share >= 1 && shelf.IsStandard(t.Spec));
        if (standard is not null && best.Spec.Share < 1) best = standard;
        var value = members.IsEmpty ? double.NaN : final.ValueOf(metric, members);
        if (members.Length < 2 || Loss(metric, value) >= history.Loss(best)) members = [];

        if (standard?.OutOfFold is not null && best.OutOfFold is not null
            && final.IsWorseInAStretch(metric, members.IsEmpty ? [new SearchMember(best, 1)] : members, standard)
            && Twins(
                set, metric, history, clock, final, shelf, plan, ending,
                "in a stretch of time the best of the trials was worse than the default options") is { } twins)
            return twins;

        if (members.IsEmpty && best.Number == standard?.Number
            && Twins(
                set, metric, history, clock, final, shelf, plan, ending,
                "no trial was better than the default options") is { } bag)
            return bag;

        ImmutableArray<Trial> wanted = [best, .. members.Select(m => m.Trial).Where(t => t.Number != best.Number)];
        var fitted = final.Fit(wanted);
        var remarks = final.Remarks.ToList();
        var parts = members
            .Select(m => (Member: m, Pipeline: fitted[wanted.IndexOf(wanted.First(t => t.Number == m.Trial.Number))]))
            .Where(p => p.Pipeline is not null).ToArray();
        var ensemble = parts.Length < 2 ? null : Combine(set, metric, final, parts!);
        var single = fitted[0];
        if (single is null && standard is not null) (best, single) = (standard, final.Standard);
        if (single is null) (best, single) = Other(set, history, final, context, remarks);
        return new SearchResult(
            metric, [.. history.Trials], best, single, final.TrainerOf(best), ensemble, TimeSpan.FromSeconds(clock.Used), ending)
        {
            TestedRows = [.. plan.Tested], Remarks = [.. remarks], Folds = plan.Folds.Length,
        };
    }

    /// <summary>The mean of models of the default options, which is taken without evidence; null when there is none.</summary>
    private SearchResult? Twins(
        TrainingSet set, string metric, SearchHistory history, SearchClock clock, FinalFit final, TrainerShelf shelf,
        FoldPlan plan, string ending, string why)
    {
        var standard = history.Trials.First(t => t.Spec.Share >= 1 && shelf.IsStandard(t.Spec));
        var twins = final.Twins(standard, _settings.MaxMembers);
        if (twins.IsEmpty) return null;
        var share = 1f / twins.Length;
        var ensemble = twins.Length < 2 ? null : new SearchEnsemble(
            EnsembleTrainer.Combine(set, [.. twins.Select(t => (t.Pipeline, share))]),
            new EnsembleTrainer([.. twins.Select(t => (t.Trainer, share))]),
            [.. twins.Select(_ => new SearchMember(standard, share))], standard.Value);
        return new SearchResult(
            metric, [.. history.Trials], standard, twins[0].Pipeline, twins[0].Trainer, ensemble,
            TimeSpan.FromSeconds(clock.Used), ending)
        {
            TestedRows = [.. plan.Tested], Folds = plan.Folds.Length,
            Remarks = [.. final.Remarks, $"{why}; the model is made of the default options"],
        };
    }

    private static SearchEnsemble Combine(
        TrainingSet set, string metric, FinalFit final, (SearchMember Member, FittedPipeline Pipeline)[] parts)
    {
        // Members that could not be fitted are gone; the others' weights are brought up to 1.
        var sum = parts.Sum(p => (double)p.Member.Weight);
        ImmutableArray<SearchMember> members =
            [.. parts.Select(p => p.Member with { Weight = (float)(p.Member.Weight / sum) })];
        var pipeline = EnsembleTrainer.Combine(set, [.. parts.Select((p, i) => (p.Pipeline, members[i].Weight))]);
        var trainer = new EnsembleTrainer([.. members.Select(m => (final.TrainerOf(m.Trial), m.Weight))]);
        return new SearchEnsemble(pipeline, trainer, members, final.ValueOf(metric, members));
    }

    /// <summary>When the best could not be fitted: the best whose fold models are there, else the dummy.</summary>
    private static (Trial, FittedPipeline) Other(
        TrainingSet set, SearchHistory history, FinalFit final, TrainingContext context, List<string> remarks)
    {
        foreach (var trial in history.Ranked.Where(t => !history.ModelsOf(t).IsEmpty))
            if (final.Fit([trial])[0] is { } pipeline) return (trial, pipeline);
        remarks.Add("there was no time left to fit any model but the dummy");
        var dummy = history.Trials.FirstOrDefault(t => t.Spec.Trainer == DummyTrainer.TrainerName)
            ?? new Trial(1, new TrialSpec(DummyTrainer.TrainerName, ImmutableSortedDictionary<string, string>.Empty, TrialOrigin.Baseline), TrialStatus.Finished);
        return (dummy, new DummyTrainer().Train(set, null, context));
    }

    private static double Loss(string metric, double value) => Metrics.HigherIsBetter(metric) ? -value : value;
}
