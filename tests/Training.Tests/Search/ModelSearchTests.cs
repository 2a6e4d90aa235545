using System.Collections.Immutable;
using System.Diagnostics;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Tests.Search;

public sealed class ModelSearchTests
{
    private static readonly TrainingContext Two = new(Seed: 3, Threads: 2);

    private static readonly SearchSettings Short = new() { Trials = 9, Folds = 3, Spaces = Quick(), Trainers = ["boosting"] };

    [Theory]
    [InlineData(TaskKind.Regression, "rmse")]
    [InlineData(TaskKind.Binary, "roc_auc")]
    [InlineData(TaskKind.Multiclass, "log_loss")]
    public void Run_AnyTask_BeatsTheDummyAndFitsWhatItChose(TaskKind task, string metric)
    {
        var set = Synthetic.Set(task, 500);
        var test = Synthetic.Set(task, 400, seed: 2);

        var result = new ModelSearch(Short with { Metric = metric }).Run(set, null, Two);

        Assert.Equal(9, result.Trials.Length);
        Assert.Equal(["dummy", "linear"], result.Trials.Take(2).Select(t => t.Spec.Trainer));
        Assert.Equal(Enumerable.Range(0, 500), result.TestedRows.Order());
        Assert.Equal("boosting", result.Best.Spec.Trainer);
        var dummy = result.Trials[0];
        Assert.True(Better(metric, result.Best.Value, dummy.Value));
        if (result.Ensemble is { } ensemble)
        {
            Assert.InRange(ensemble.Members.Sum(m => m.Weight), 0.99999, 1.00001);
            Assert.True(Better(metric, ensemble.Value, result.Best.Value));
            Assert.Same(ensemble.Pipeline, result.Model);
        }

        var onTest = Metrics.Compute(metric, test.Target, result.Model.Predict(test.Features));
        Assert.True(Better(metric, onTest, dummy.Value), $"{onTest} against {dummy.Value}");
    }

    [Fact]
    public void Run_SameSeedAndTrials_GivesTheSameTrialsAndModel()
    {
        var set = Synthetic.Set(TaskKind.Binary, 400);
        var settings = Short with { Trials = 12 };

        var first = new ModelSearch(settings).Run(set, null, Two);
        var second = new ModelSearch(settings).Run(set, null, Two);
        var other = new ModelSearch(settings).Run(set, null, Two with { Seed = 4 });

        AssertSame(first, second, set);
        Assert.NotEqual(first.Trials.Select(t => t.Spec.Key), other.Trials.Select(t => t.Spec.Key));
    }

    [Fact]
    public void Run_AfterAKill_ContinuesAsIfNothingHadHappened()
    {
        var set = Synthetic.Set(TaskKind.Binary, 400);
        var settings = Short with { Trials = 12 };
        var whole = new KeptTrials();
        var uninterrupted = new ModelSearch(settings).Run(set, null, Two, whole);

        var rest = new KeptTrials(whole.Ended.Take(7).ToArray(), TimeSpan.FromSeconds(5));
        var resumed = new ModelSearch(settings).Run(set, null, Two, rest);

        Assert.Equal([8, 9, 10, 11, 12], rest.Begun.Select(b => b.Number));
        AssertSame(uninterrupted, resumed, set);
        Assert.True(resumed.Used > TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData(60, 1.7, 2)]
    [InlineData(60, 1.7, 1)]
    [InlineData(60, 9, 2)]
    [InlineData(20, 0.02, 2)]
    public void Run_Budget_IsNotExceeded(double budget, double foldSeconds, int threads)
    {
        var clock = new ManualClock();
        var journal = new KeptTrials();
        var set = Synthetic.Set(TaskKind.Regression, 3000);
        var search = FakeTrainer.Search(
            new SearchSettings { Budget = TimeSpan.FromSeconds(budget), Spaces = FakeTrainer.Levels("slow", "linear") }, clock,
            ("slow", o => new FakeTrainer("slow", o, clock, foldSeconds)),
            ("linear", o => new FakeTrainer("linear", o, clock, foldSeconds / 4)));

        var result = search.Run(set, null, new TrainingContext(1, threads), journal);

        Assert.InRange(result.Used.TotalSeconds, 0.5 * budget, 1.05 * budget);
        Assert.NotEqual("dummy", result.Best.Spec.Trainer);
        Assert.All(journal.Progress, p => Assert.True(p.Left >= TimeSpan.Zero && p.Used <= TimeSpan.FromSeconds(budget)));
    }

    [Fact]
    public void Run_OneEndlessTrainer_IsCutAndTheOthersAreTried()
    {
        var clock = new ManualClock();
        var search = FakeTrainer.Search(
            new SearchSettings { Budget = TimeSpan.FromSeconds(100), Spaces = FakeTrainer.Levels("quick"), MaxMembers = 1 }, clock,
            ("endless", o => new FakeTrainer("endless", o, clock, 1e9)),
            ("quick", o => new FakeTrainer("quick", o, clock, 1)));

        var result = search.Run(Synthetic.Set(TaskKind.Regression, 3000), null, Two);

        Assert.Equal(TrialStatus.Cut, Assert.Single(result.Trials, t => t.Spec.Trainer == "endless").Status);
        Assert.True(result.Trials.Count(t => t.Spec.Trainer == "quick" && t.Status == TrialStatus.Finished) > 5);
        Assert.Equal("quick", result.Best.Spec.Trainer);
        Assert.True(result.Used <= TimeSpan.FromSeconds(105));
    }

    [Fact]
    public void Run_BudgetUsedUpBeforeTheKill_StillGivesAModel()
    {
        var clock = new ManualClock();
        var settings = new SearchSettings { Budget = TimeSpan.FromSeconds(30), Spaces = FakeTrainer.Levels("slow") };
        ModelSearch Search() => FakeTrainer.Search(settings, clock, ("slow", o => new FakeTrainer("slow", o, clock, 1)));
        var set = Synthetic.Set(TaskKind.Regression, 3000);
        var first = new KeptTrials();
        Search().Run(set, null, Two, first);

        var result = Search().Run(set, null, Two, new KeptTrials(first.Ended, TimeSpan.FromSeconds(29.9)));

        Assert.Equal(first.Ended.Count, result.Trials.Length);
        Assert.True(result.Used.TotalSeconds <= 1.05 * 30, $"{result.Used}");
        Assert.NotEmpty(result.Remarks);
        Assert.Equal(set.RowCount, result.Model.Predict(set.Features).Rows);
    }

    [Fact]
    public void Run_Cancelled_StopsWithinASecond()
    {
        using var stop = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        var journal = new KeptTrials { OnEnd = t => { if (t.Number == 3) stop.Cancel(); clock.Restart(); } };

        Assert.Throws<OperationCanceledException>(() => new ModelSearch(new SearchSettings { Trials = 1000 })
            .Run(Synthetic.Set(TaskKind.Binary, 2000), null, Two with { CancellationToken = stop.Token }, journal));

        Assert.Equal(3, journal.Ended.Count);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1), $"{clock.Elapsed}");
    }

    [Fact]
    public void Run_TrialBeyondTheMemory_IsNotBegun()
    {
        var journal = new KeptTrials();
        var settings = new SearchSettings { Trials = 6, MemoryLimit = 50_000_000, Spaces = FakeTrainer.Levels("small") };
        var search = FakeTrainer.Search(settings, null,
            ("large", o => new FakeTrainer("large", o, null, 0, memory: 100_000_000)),
            ("small", o => new FakeTrainer("small", o, null, 0, memory: 1_000_000)));

        var result = search.Run(Synthetic.Set(TaskKind.Regression, 3000), null, Two, journal);

        var skipped = Assert.Single(result.Trials, t => t.Status == TrialStatus.Skipped);
        Assert.Equal("large", skipped.Spec.Trainer);
        Assert.Contains("50 MB are allowed", skipped.Cause, StringComparison.Ordinal);
        Assert.DoesNotContain(journal.Begun, b => b.Spec.Trainer == "large");
        Assert.Equal(6, result.Trials.Count(t => t.Status != TrialStatus.Skipped));
    }

    [Fact]
    public void Run_BrokenTrainer_FailsItsTrialOnly()
    {
        var search = FakeTrainer.Search(
            new SearchSettings { Trials = 5, Spaces = FakeTrainer.Levels("good") }, null,
            ("broken", o => new FakeTrainer("broken", o, null, 0, error: "a wheel came off")),
            ("good", o => new FakeTrainer("good", o, null, 0)));

        var result = search.Run(Synthetic.Set(TaskKind.Regression, 300), null, Two);

        var failed = Assert.Single(result.Trials, t => t.Status == TrialStatus.Failed);
        Assert.Equal(("broken", "a wheel came off"), (failed.Spec.Trainer, failed.Cause));
    }

    [Fact]
    public void Run_WithTime_TestsOnlyOnRowsLaterThanThoseLearnedFrom()
    {
        var set = Synthetic.Set(TaskKind.Regression, 600);
        var time = new Column<long>("at", ColumnType.Integer, [.. Enumerable.Range(0, 600).Select(i => (long)((i * 7) % 600))]);

        var plan = Training.Search.FoldPlan.Of(set, time, 4, seed: 1);
        var result = new ModelSearch(Short with { Trials = 4, Folds = 4 }).Run(set, time, Two);

        Assert.Equal(4, plan.Folds.Length);
        Assert.All(plan.Folds, fold =>
            Assert.True(fold.Train.Max(r => time.Values[r]) < fold.Test.Min(r => time.Values[r])));
        Assert.True(plan.Folds[0].Train.Length >= 300);
        Assert.Equal(plan.Tested, result.TestedRows);
    }

    [Fact]
    public void Run_ManyRows_ScreensOnAShareAndPromotesTheBest()
    {
        var set = Synthetic.Set(TaskKind.Regression, 160_000);
        var search = FakeTrainer.Search(
            new SearchSettings { Trials = 9, Spaces = FakeTrainer.Levels("fake"), MaxMembers = 1 }, null,
            ("fake", o => new FakeTrainer("fake", o, null, 0)));

        var result = search.Run(set, null, Two);

        var promoted = result.Trials.Where(t => t.Spec.Origin == TrialOrigin.Promoted).ToArray();
        Assert.Equal(2, promoted.Length);
        Assert.All(promoted, p => Assert.Equal(1, p.Spec.Share));
        Assert.All(result.Trials.Where(t => t.Spec.Trainer == "fake").Except(promoted), t => Assert.Equal(0.25, t.Spec.Share));
        var best = result.Trials.Take(promoted[0].Number - 1).Where(t => t.Spec.Trainer == "fake").MinBy(t => t.Value);
        Assert.Equal(best!.Spec.Key, promoted[0].Spec.Key);
        Assert.Equal(1, result.Best.Spec.Share);
    }

    [Fact]
    public void Run_UnknownMetricOrTrainer_IsRefused()
    {
        var set = Synthetic.Set(TaskKind.Regression, 100);
        Assert.Contains("log_loss", Assert.Throws<GyreException>(
            () => new ModelSearch(Short with { Metric = "log_loss" }).Run(set, null, Two)).Message, StringComparison.Ordinal);
        Assert.Contains("'alchemy'", Assert.Throws<GyreException>(
            () => new ModelSearch(Short with { Trainers = ["alchemy"] }).Run(set, null, Two)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ModelSearch(new SearchSettings()));
    }

    private static void AssertSame(SearchResult expected, SearchResult actual, TrainingSet set)
    {
        Assert.Equal(expected.Trials.Select(t => t.Spec.Key), actual.Trials.Select(t => t.Spec.Key));
        Assert.Equal(expected.Trials.Select(t => t.Value), actual.Trials.Select(t => t.Value));
        Assert.Equal(expected.Trials.Select(t => t.Status), actual.Trials.Select(t => t.Status));
        Assert.Equal(
            expected.Ensemble?.Members.Select(m => (m.Trial.Number, m.Weight)), actual.Ensemble?.Members.Select(m => (m.Trial.Number, m.Weight)));
        Assert.Equal(
            expected.Model.Predict(set.Features).Values.ToArray(), actual.Model.Predict(set.Features).Values.ToArray());
    }

    private static bool Better(string metric, double a, double b) => Metrics.HigherIsBetter(metric) ? a > b : a < b;

    private static ImmutableSortedDictionary<string, SearchSpace> Quick() => new Dictionary<string, SearchSpace>
    {
        ["boosting"] = new(
        [
            new NumberRange("learning_rate", 0.1, 0.4, Logarithmic: true), new NumberRange("max_leaves", 3, 12, Whole: true),
            new Choices("rounds", ["40"]),
        ]),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
