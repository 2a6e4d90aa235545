using System.Diagnostics;
using Gyre.Tabular;
using Gyre.Training.Boosting;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.Boosting;

public sealed class BoostingTrainerTests
{
    private static readonly TaskKind[] Tasks = [TaskKind.Regression, TaskKind.Binary, TaskKind.Multiclass];

    [Theory]
    [InlineData("regression", "value", TaskKind.Regression)]
    [InlineData("logistic", "binary", TaskKind.Binary)]
    public void Train_AgainstXgboostExact_SamePredictions(string golden, string target, TaskKind task)
    {
        var file = GoldenFile.Read("boosting.json");
        var features = file.GetProperty("features").EnumerateArray().Select((column, i) => new Column<double>(
            $"x{i}", ColumnType.Numeric, [.. column.EnumerateArray().Select(GoldenFile.Number)])).ToArray();
        Column y = task == TaskKind.Regression
            ? new Column<double>(target, ColumnType.Numeric, file.Numbers(target))
            : new Column<bool>(target, ColumnType.Boolean, Array.ConvertAll(file.Numbers(target), v => v == 1));
        var table = new Table([.. features, y]);
        var options = new BoostingOptions
        {
            Rounds = 20, LearningRate = 0.3, MaxDepth = 4, MaxLeaves = 16, L2 = 1.5, MinChildWeight = 2,
            EarlyStoppingRounds = 0, NodeFeatureShare = 1,
        };
        var set = TrainingSet.Create(table, target, task, [.. features.Select(f => f.Name)]);
        var predictions = new BoostingTrainer(options).Train(set, null, new TrainingContext()).Predict(table);
        var expected = file.Numbers(golden);

        // XGBoost keeps gradients, scores and leaf values in float32: 20 rounds leave differences of about 1e-6.
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], predictions.Values[i], 1e-5);
    }

    [Fact]
    public void Train_Twice_SameModel()
    {
        foreach (var task in Tasks)
        {
            var set = Synthetic.Set(task, 30_000); // enough rows for two threads to share the work
            var options = new BoostingOptions { Rounds = 10, RowShare = 0.8, FeatureShare = 0.8 };
            var context = new TrainingContext(Seed: 7, Threads: 2);
            var first = (BoostedTreesModel)new BoostingTrainer(options).Train(set, null, context).Model;
            var second = (BoostedTreesModel)new BoostingTrainer(options).Train(set, null, context).Model;
            AssertSame(first, second);
            var other = (BoostedTreesModel)new BoostingTrainer(options).Train(set, null,
                context with { Seed = 8 }).Model;
            Assert.NotEqual(first.Trees[0].Value, other.Trees[0].Value);
        }
    }

    [Fact]
    public void Train_OneOrTwoThreads_PredictAlike()
    {
        var set = Synthetic.Set(TaskKind.Binary, 30_000);
        var options = new BoostingOptions { Rounds = 10, EarlyStoppingRounds = 0 };
        var one = new BoostingTrainer(options).Train(set, null, new TrainingContext(Threads: 1)).Predict(set.Features);
        var two = new BoostingTrainer(options).Train(set, null, new TrainingContext(Threads: 2)).Predict(set.Features);
        for (var i = 0; i < one.Rows; i++) Assert.Equal(one.Values[i], two.Values[i], 1e-6);
    }

    [Fact]
    public void Train_EveryTask_FarBetterThanTheDummy()
    {
        foreach (var task in Tasks)
        {
            var (train, test) = (Synthetic.Set(task, 4000), Synthetic.Set(task, 2000, seed: 2));
            var dummy = Loss(new DummyTrainer());
            Assert.True(Loss(new BoostingTrainer()) < 0.5 * dummy, $"{task}");
            Assert.True(Loss(new LinearTrainer()) < 0.9 * dummy, $"{task}");

            double Loss(ITrainer trainer) => Metrics.Compute(
                Metrics.Default(task), test.Target,
                trainer.Train(train, null, new TrainingContext()).Predict(test.Features));
        }
    }

    [Fact]
    public void Train_ValidationGiven_StopsAtItsBestRound()
    {
        var (train, validation) = (Synthetic.Set(TaskKind.Regression, 300),
            Synthetic.Set(TaskKind.Regression, 300, seed: 2));
        var losses = new List<double>();
        var context = new TrainingContext(Progress: new Listener(p => losses.Add(p.Loss ?? double.NaN)));
        var options = new BoostingOptions { Rounds = 400, EarlyStoppingRounds = 15 };
        var pipeline = new BoostingTrainer(options).Train(train, validation, context);
        var best = losses.IndexOf(losses.Min()) + 1;
        Assert.Equal(best, ((BoostedTreesModel)pipeline.Model).Trees.Length);
        Assert.Equal(best + 15, losses.Count);

        // The loss reported at the best round is the loss of the model that is returned: ½ squared error.
        var rmse = Metrics.Compute("rmse", validation.Target, pipeline.Predict(validation.Features));
        Assert.Equal(losses.Min(), 0.5 * rmse * rmse, 1e-6);
    }

    [Fact]
    public void Train_MissingTellsTheTarget_IsLearned()
    {
        var x = Enumerable.Range(0, 200).Select(i => i % 3 == 0 ? double.NaN : i).ToArray();
        var table = new Table(
        [
            new Column<double>("x", ColumnType.Numeric, x),
            new Column<bool>("y", ColumnType.Boolean, Array.ConvertAll(x, double.IsNaN)),
        ]);
        var pipeline = new BoostingTrainer().Train(
            TrainingSet.Create(table, "y", TaskKind.Binary, ["x"]), null, new TrainingContext());
        var predictions = pipeline.Predict(table);
        for (var i = 0; i < x.Length; i++) Assert.Equal(double.IsNaN(x[i]) ? 1 : 0, predictions.ClassAt(i));
    }

    [Fact]
    public void Train_TargetOfOneValue_PredictsIt()
    {
        var table = new Table(
        [
            new Column<double>("x", ColumnType.Numeric, [.. Enumerable.Range(0, 150).Select(i => (double)i)]),
            new Column<double>("y", ColumnType.Numeric, [.. Enumerable.Repeat(3.5, 150)]),
        ]);
        var pipeline = new BoostingTrainer().Train(
            TrainingSet.Create(table, "y", TaskKind.Regression, ["x"]), null, new TrainingContext());
        Assert.All(pipeline.Predict(table).Values.ToArray(), p => Assert.Equal(3.5, p));
    }

    [Fact]
    public void Train_OnlyMissingValues_FallsBackToTheMean()
    {
        var table = new Table(
        [
            new Column<double>("x", ColumnType.Numeric, [.. Enumerable.Repeat(double.NaN, 150)]),
            CategoricalColumn.FromValues("c", ColumnType.Categorical, Enumerable.Repeat<string?>(null, 150)),
            new Column<double>("y", ColumnType.Numeric, [.. Enumerable.Range(0, 150).Select(i => (double)i)]),
        ]);
        var pipeline = new BoostingTrainer().Train(
            TrainingSet.Create(table, "y", TaskKind.Regression, ["x", "c"]), null, new TrainingContext());
        Assert.All(pipeline.Predict(table).Values.ToArray(), p => Assert.Equal(74.5, p, 1e-4));
    }

    [Fact]
    public void Train_ManyCategories_KeepsTheFrequentOnes()
    {
        var names = Enumerable.Range(0, 2000).Select(i => i % 2 == 0 ? $"often{i % 20}" : $"rare{i % 800}").ToArray();
        var table = new Table(
        [
            CategoricalColumn.FromValues("c", ColumnType.Categorical, names),
            new Column<double>("y", ColumnType.Numeric, [.. Enumerable.Range(0, 2000).Select(i => (double)(i % 20))]),
        ]);
        var pipeline = new BoostingTrainer().Train(
            TrainingSet.Create(table, "y", TaskKind.Regression, ["c"]), null, new TrainingContext());
        var feature = ((TreePreprocessing)pipeline.Preprocessing).Features[0];
        Assert.Equal(255, feature.Categories.Length);
        Assert.Equal(10, feature.Categories.Count(c => c.StartsWith("often", StringComparison.Ordinal)));
    }

    [Fact]
    public void Train_Cancelled_StopsWithinASecond()
    {
        foreach (var task in Tasks)
        {
            var set = Synthetic.Set(task, 50_000);
            using var source = new CancellationTokenSource();
            var watch = new Stopwatch();
            var listener = new Listener(p =>
            {
                if (p.Step == 3)
                {
                    watch.Start();
                    source.Cancel();
                }
            });
            var context = new TrainingContext(1, 2, listener, source.Token);
            Assert.ThrowsAny<OperationCanceledException>(() => new BoostingTrainer().Train(set, null, context));
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"{watch.Elapsed}");
        }
    }

    [Fact]
    public void Train_CancelledInsideARound_ThrowsPlainCancellation()
    {
        // Trees of several classes grow on threads of their own, which must not wrap the exception. Enough rows that a
        // round outlasts the delay; a thread of its own cancels, as the pool's are busy.
        var set = Synthetic.Set(TaskKind.Multiclass, 200_000);
        for (var delay = 0; delay < 8; delay++)
        {
            using var source = new CancellationTokenSource();
            Thread? canceller = null;
            var started = new Listener(p =>
            {
                if (p.Step != 2) return;
                canceller = new Thread(() =>
                {
                    Thread.SpinWait(200_000 * delay);
                    source.Cancel();
                });
                canceller.Start();
            });
            var context = new TrainingContext(1, 2, started, source.Token);
            Assert.ThrowsAny<OperationCanceledException>(() => new BoostingTrainer().Train(set, null, context));
            canceller?.Join();
        }
    }

    [Fact]
    public void Train_ValidationOfOtherClasses_Refused()
    {
        var validation = TrainingSet.Create(
            Synthetic.Table(50, 1), "label", TaskKind.Multiclass, Synthetic.Features, classes: ["top", "mid", "low"]);
        Assert.Throws<ArgumentException>(() =>
            new BoostingTrainer().Train(Synthetic.Set(TaskKind.Multiclass, 200), validation, new TrainingContext()));
    }

    [Fact]
    public void Train_CancelledBefore_DoesNotStart()
    {
        var context = new TrainingContext(CancellationToken: new CancellationToken(canceled: true));
        foreach (var name in TrainerFactory.NamesFor(TaskKind.Binary))
        {
            var trainer = TrainerFactory.Create(name, new Dictionary<string, string>(), TaskKind.Binary);
            if (!trainer.FeatureTypes.Contains(ColumnType.Numeric)) continue; // it learns from images alone
            Assert.ThrowsAny<OperationCanceledException>(
                () => trainer.Train(Synthetic.Set(TaskKind.Binary, 100), null, context));
        }
    }

    private static void AssertSame(BoostedTreesModel first, BoostedTreesModel second)
    {
        Assert.Equal(first.Trees.Length, second.Trees.Length);
        foreach (var (a, b) in first.Trees.Zip(second.Trees))
        {
            Assert.Equal(a.Feature.ToArray(), b.Feature.ToArray());
            Assert.Equal(a.Threshold.ToArray(), b.Threshold.ToArray());
            Assert.Equal(a.Value.ToArray(), b.Value.ToArray());
            Assert.Equal(a.DefaultLeft.ToArray(), b.DefaultLeft.ToArray());
            Assert.Equal(a.CategorySets.SelectMany(s => s), b.CategorySets.SelectMany(s => s));
        }
    }

    private sealed class Listener(Action<TrainingProgress> listen) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => listen(value);
    }
}
