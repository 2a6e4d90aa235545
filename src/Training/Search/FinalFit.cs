using System.Collections.Immutable;
using System.Globalization;
using Gyre.Primitives;

namespace Gyre.Training.Search;

/// <summary>
/// Chooses the ensemble and fits what was chosen on all rows: one model per member rather than the bag of its fold
/// models, since that keeps the graph and its latency a fold count smaller, and since folds in time never saw the newest
/// rows. A fit that the time runs out for falls back on the fold models that there are.
/// </summary>
internal sealed class FinalFit(
    TrainingSet set, FoldPlan plan, TrainerShelf shelf, SearchHistory history, CostModel costs, SearchClock clock,
    TrainingContext context, int sideBySide)
{
    /// <summary>The share of the budget for what cannot be predicted: choosing, putting together, a machine that stalls.</summary>
    private const double Spare = 0.08;

    /// <summary>The share of the time left that the standard may take: the search goes on without it on a machine that is
    /// far too slow for the rows.</summary>
    private const double StandardShare = 0.6;

    /// <summary>With few rows, the most trials of one trainer that an ensemble is chosen from.</summary>
    private const int OfTrainer = 3;

    private const int Resamples = 100;

    private readonly List<string> _remarks = [];

    private (FittedPipeline Pipeline, double Seconds)? _standard;

    /// <summary>The default options' model of all rows, which takes over where nothing better can be had.</summary>
    public FittedPipeline? Standard => _standard?.Pipeline;

    /// <summary>Fits the default options to all rows, by their own early stopping, once.</summary>
    public void FitStandard(TrialSpec spec)
    {
        if (_standard is not null) return;
        var began = clock.Used;
        using var limit = clock.Within(StandardShare * clock.Left, context.CancellationToken);
        try
        {
            var pipeline = shelf.Make(spec).Train(set, null, context with { Progress = null, CancellationToken = limit.Token });
            _standard = (pipeline, clock.Used - began);
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            _remarks.Add("the default options could not be fitted on all rows in time");
        }
        catch (GyreException)
        {
            // The trial of the same options fails alike and tells the cause.
        }
    }

    /// <summary>
    /// Models of the default options that differ by chance alone, the standard among them. Their mean needs no folds to
    /// speak for it: for log loss and squared error it is never worse than they are on average.
    /// </summary>
    public ImmutableArray<(FittedPipeline Pipeline, ITrainer Trainer)> Twins(Trial trial, int most)
    {
        FitStandard(trial.Spec);
        if (_standard is not { } standard) return [];
        var trainer = shelf.Make(trial.Spec);
        var twins = ImmutableArray.CreateBuilder<(FittedPipeline, ITrainer)>();
        twins.Add((standard.Pipeline, trainer));
        var settled = trainer.Settled(standard.Pipeline);
        var seconds = standard.Seconds;
        while (twins.Count < most && !(TimeForFits < seconds))
        {
            var began = clock.Used;
            var twin = new ReseededTrainer(settled, (ulong)twins.Count);
            using var limit = clock.Within(TimeForFits, context.CancellationToken);
            try
            {
                twins.Add((twin.Train(set, null, context with { Progress = null, CancellationToken = limit.Token }), twin));
            }
            catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
            {
                break;
            }

            seconds = 1.2 * (clock.Used - began);
        }

        return twins.ToImmutable();
    }

    private double? TimeForFits => clock.Left - (Spare * 0.5 * clock.Budget);

    public IReadOnlyList<string> Remarks => _remarks;

    /// <summary>Seconds that fitting a trial on all rows will take, more rather than less.</summary>
    public double SecondsOf(Trial trial) => double.IsNaN(trial.FoldSeconds) || (_standard is not null && shelf.IsStandard(trial.Spec))
        ? 0 : costs.Slowdown() * trial.FoldSeconds * Math.Pow(set.RowCount / (plan.TrainRows * trial.Spec.Share), 1.3);

    /// <summary>The seconds to be kept for choosing and fitting, by what the best trials took.</summary>
    public double Reserve(int maxMembers)
    {
        var best = history.Ranked.Where(IsReal).ToArray();
        // Without a trial on all rows there will be no ensemble.
        if (best is [{ Spec.Share: >= 1 }, ..]) best = [.. best.Where(t => t.Spec.Share >= 1).Take(Math.Min(3, maxMembers))];
        else best = best[..Math.Min(1, best.Length)];
        var budget = clock.Budget ?? 0;
        var isReady = Standard is not null && best is not [{ Spec.Share: >= 1 }, ..];
        var needed = isReady ? 0 : best.Length == 0 ? 0.15 * budget : 2 * best.Sum(SecondsOf) / sideBySide;
        return Math.Clamp(needed, 0, 0.4 * budget) + (Spare * budget);
    }

    /// <summary>The members and weights of the best ensemble of trials on all rows; none of trials on a share of them,
    /// whose predictions tell too little about the weights that suit models of all rows.</summary>
    public ImmutableArray<SearchMember> Choose(string metric, int maxMembers, CancellationToken cancellationToken)
    {
        var pool = history.Ranked.Where(t => t.OutOfFold is not null && t.Spec.Share >= 1 && IsReal(t)).ToArray();
        if (plan.IsFew) pool = [.. pool.GroupBy(t => t.Spec.Trainer).SelectMany(g => g.Take(OfTrainer)).OrderBy(history.Loss)];
        if (pool.Length < 2 || maxMembers < 2) return [];
        // A little is left for what comes after: putting together, predicting once.
        var afford = clock.Left is { } left ? 0.75 * left * sideBySide : double.PositiveInfinity;
        var weights = EnsembleSelection.Weights(
            metric, plan, [.. pool.Select(t => t.OutOfFold ?? [])], Rivals(metric, pool), maxMembers,
            (members, next) => members.Count == 0 || members.Sum(m => SecondsOf(pool[m])) + SecondsOf(pool[next]) <= afford,
            context.Seed, cancellationToken);
        return
        [
            .. weights.Select((weight, i) => (weight, i)).Where(w => w.weight > 0)
                .OrderByDescending(w => w.weight).ThenBy(w => w.i)
                .Select(w => new SearchMember(pool[w.i], (float)w.weight)),
        ];
    }

    /// <summary>The trainers whose best trial is not worse than the best of all beyond the interval of the
    /// difference.</summary>
    private string?[] Rivals(string metric, Trial[] pool)
    {
        if (!plan.IsFew) return new string?[pool.Length];
        Predictions Of(Trial trial) => new(plan.Task, plan.Outputs, Array.ConvertAll(trial.OutOfFold ?? [], v => (double)v));

        var best = Of(pool[0]);
        var names = pool.GroupBy(t => t.Spec.Trainer).Where(g => g.First() == pool[0] || !(Bootstrap.Paired(
                metric, plan.Target, best, Of(g.First()), context.Seed, Resamples, context.CancellationToken).Interval.Upper < 0))
            .Select(g => g.Key).ToHashSet();
        return [.. pool.Select(t => names.Contains(t.Spec.Trainer) ? t.Spec.Trainer : null)];
    }

    /// <summary>
    /// Whether members are worse than the standard beyond the interval of the difference in some stretch of time. Rows of
    /// a stretch share its weather: an interval over all rows would take the luck of two stretches for evidence.
    /// </summary>
    public bool IsWorseInAStretch(string metric, ImmutableArray<SearchMember> members, Trial standard)
    {
        if (!plan.IsInTime || members is [var only] && only.Trial.Number == standard.Number) return false;
        var (values, usual) = (Blend(members), Blend([new SearchMember(standard, 1)]));
        var start = 0;
        foreach (var fold in plan.Folds)
        {
            var rows = fold.Test.Length;
            Predictions Of(double[] all) => new(
                plan.Task, plan.Outputs, all.AsSpan(start * plan.Outputs, rows * plan.Outputs).ToArray());

            var difference = Bootstrap.Paired(
                metric, plan.Target.AsSpan(start, rows), Of(usual), Of(values), context.Seed, Resamples, context.CancellationToken);
            if (difference.Interval.Upper < 0) return true;
            start += rows;
        }

        return false;
    }

    /// <summary>The metric of members' weighted out-of-fold predictions.</summary>
    public double ValueOf(string metric, ImmutableArray<SearchMember> members) =>
        Metrics.Compute(metric, plan.Target, new Predictions(plan.Task, plan.Outputs, Blend(members)));

    private double[] Blend(ImmutableArray<SearchMember> members)
    {
        var sum = new double[plan.Tested.Length * plan.Outputs];
        foreach (var (trial, weight) in members)
        {
            var values = trial.OutOfFold ?? throw new InvalidOperationException("A member has lost its predictions.");
            for (var i = 0; i < sum.Length; i++) sum[i] += weight * values[i];
        }

        return sum;
    }

    /// <summary>A trial's trainer with the rounds that were found; the standard finds its own.</summary>
    public ITrainer TrainerOf(Trial trial) => shelf.IsStandard(trial.Spec)
        ? shelf.Make(trial.Spec) : shelf.Make(trial.Spec.Trainer, FrozenRounds.Options(trial));

    /// <summary>Fits trials on all rows; null where neither that nor the fold models could be had.</summary>
    public FittedPipeline?[] Fit(ImmutableArray<Trial> trials)
    {
        var fitted = new FittedPipeline?[trials.Length];
        var side = Math.Min(sideBySide, trials.Length);
        // Side by side or not, a member gets the threads that its folds had: the same model whatever the company.
        var inner = context with
        {
            Threads = sideBySide > 1 ? Math.Max(1, context.Threads / sideBySide) : context.Threads, Progress = null,
        };
        using var limit = clock.Within(clock.Left, context.CancellationToken);
        var given = inner with { CancellationToken = limit.Token };
        Parallel.For(0, trials.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, side) }, i =>
        {
            try
            {
                fitted[i] = shelf.IsStandard(trials[i].Spec) && Standard is { } standard
                    ? standard : TrainerOf(trials[i]).Train(set, null, given);
            }
            catch (OperationCanceledException)
            {
                // The time is over; told below.
            }
            catch (GyreException)
            {
                // As the fold models could be trained, they are what is left.
            }
        });
        context.CancellationToken.ThrowIfCancellationRequested();
        for (var i = 0; i < fitted.Length; i++)
        {
            // Models of the past alone would drag an ensemble of newer ones down.
            if (fitted[i] is null) fitted[i] = OfFolds(trials[i], isWanted: fitted[0] is null || !plan.IsInTime);
        }

        return fitted;
    }

    private FittedPipeline? OfFolds(Trial trial, bool isWanted)
    {
        var models = isWanted ? history.ModelsOf(trial) : [];
        _remarks.Add(string.Create(CultureInfo.InvariantCulture,
            $"trial {trial.Number} could not be fitted on all rows in time; ")
            + (models.IsEmpty ? "it is left out" : "its fold models are used"));
        if (models.IsEmpty) return null;
        return plan.IsInTime || models.Length == 1
            ? models[^1]
            : EnsembleTrainer.Combine(set, [.. models.Select(m => (m, 1f / models.Length))]);
    }

    private static bool IsReal(Trial trial) => trial.Spec.Trainer != DummyTrainer.TrainerName;
}
