using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;
using Gyre.Training.Search;

namespace Gyre.Training.Tests.Search;

/// <summary>Boosting with its default options is what a search hands over unless there is evidence for something
/// else.</summary>
public sealed class StandardTests
{
    private static readonly TrainingContext Two = new(Seed: 3, Threads: 2);

    [Fact]
    public void Run_AnyTask_TriesTheDefaultOptionsAsTheyAre()
    {
        var result = new ModelSearch(new SearchSettings { Trials = 4, Folds = 3 })
            .Run(Synthetic.Set(TaskKind.Binary, 300), null, Two);

        var standard = Assert.Single(result.Trials, t => t.Spec is { Trainer: "boosting", Options.Count: 0 });
        Assert.Equal((TrialStatus.Finished, 1.0), (standard.Status, standard.Spec.Share));
        Assert.Equal(3, standard.Number);
    }

    [Fact]
    public void Run_NoTimeForFoldsOfTheStandard_HandsOverItsModelOfAllRows()
    {
        var clock = new ManualClock();
        var set = Synthetic.Set(TaskKind.Regression, 160_000);
        var search = FakeTrainer.Search(
            new SearchSettings
            {
                Budget = TimeSpan.FromSeconds(150), Trials = 4, Spaces = FakeTrainer.Levels("quick", "boosting"),
            },
            clock,
            ("boosting", o => new FakeTrainer("boosting", o, clock, 20)),
            ("quick", o => new FakeTrainer("quick", o, clock, 0.1)));

        var result = search.Run(set, null, Two);

        var standard = result.Trials[^1];
        Assert.Equal((TrialStatus.Cut, "boosting"), (standard.Status, standard.Spec.Trainer));
        Assert.Equal(standard.Number, result.Best.Number);
        Assert.All(result.Ensemble?.Members ?? [], m => Assert.Equal(standard.Number, m.Trial.Number));
        Assert.NotEmpty(result.Remarks);
        Assert.True(result.Used.TotalSeconds <= 150, $"{result.Used}");
        var alone = new FakeTrainer("boosting", result.Best.Spec.Options, null, 0).Train(set, null, Two);
        Assert.Equal(alone.Predict(set.Features).Values.ToArray(), result.Single.Predict(set.Features).Values.ToArray());
    }

    [Fact]
    public void Run_StretchesOfTimeThatContradict_GivesTheMeanOfDefaultModelsThatDifferByChance()
    {
        var (set, time) = Turning(2400);
        var settings = new SearchSettings { Trials = 30, MaxMembers = 3, Spaces = Quick() };

        var result = new ModelSearch(settings).Run(set, time, Two);
        var again = new ModelSearch(settings).Run(set, time, Two);

        var standard = result.Trials[^1];
        Assert.True(result.Trials.Length < 30);
        Assert.Equal("boosting", standard.Spec.Trainer);
        Assert.True(standard.Value > result.Trials[0].Value, "The dummy was expected to win.");
        var ensemble = result.Ensemble;
        Assert.NotNull(ensemble);
        Assert.Equal([standard.Number, standard.Number, standard.Number], ensemble.Members.Select(m => m.Trial.Number));
        Assert.NotEmpty(result.Remarks);
        var values = result.Model.Predict(set.Features).Values.ToArray();
        Assert.NotEqual(result.Single.Predict(set.Features).Values.ToArray(), values);
        Assert.Equal(values, again.Model.Predict(set.Features).Values.ToArray());
        Assert.Equal(values, ensemble.Trainer.Train(set, null, Two).Predict(set.Features).Values.ToArray());
    }

    [Fact]
    public void Plan_FewRows_PartsThemThreeTimes()
    {
        var plan = FoldPlan.Of(Synthetic.Set(TaskKind.Binary, 300), null, null, seed: 1);

        Assert.Equal(30, plan.Folds.Length);
        Assert.All(plan.Tested.CountBy(row => row), row => Assert.Equal(3, row.Value));
        Assert.Equal(300, plan.Tested.Distinct().Count());
        Assert.NotEqual(plan.Folds[0].Test, plan.Folds[10].Test);
        Assert.All(plan.Folds, f => Assert.Empty(f.Train.Intersect(f.Test)));
    }

    /// <summary>The target follows a feature, but in the last eighth of the time it runs against it.</summary>
    private static (TrainingSet Set, Column Time) Turning(int rows)
    {
        var random = new SeededRandom(7);
        var x = Enumerable.Range(0, rows).Select(_ => random.NextNormal()).ToArray();
        var y = x.Select((v, i) => (i < rows * 7 / 8 ? v : -3 * v) + (0.1 * random.NextNormal())).ToArray();
        var noise = Enumerable.Range(0, rows).Select(_ => random.NextNormal()).ToArray();
        var table = new Table(
        [
            new Column<double>("x", ColumnType.Numeric, x), new Column<double>("noise", ColumnType.Numeric, noise),
            new Column<double>("y", ColumnType.Numeric, y),
        ]);
        var time = new Column<long>("at", ColumnType.Integer, [.. Enumerable.Range(0, rows).Select(i => (long)i)]);
        return (TrainingSet.Create(table, "y", TaskKind.Regression, ["x", "noise"]), time);
    }

    private static ImmutableSortedDictionary<string, SearchSpace> Quick() =>
        ImmutableSortedDictionary.Create<string, SearchSpace>(StringComparer.Ordinal).Add(
            "boosting", new SearchSpace(
            [
                new NumberRange("max_leaves", 3, 12, Whole: true), new Choices("rounds", ["40"]),
                new Choices("row_share", ["0.7"]),
            ]));
}
