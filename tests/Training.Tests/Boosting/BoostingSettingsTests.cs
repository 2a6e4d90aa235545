using Gyre.Numerics;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Tests.Boosting;

/// <summary>Weights, constraints, sampling and early stopping as a user would notice them.</summary>
public sealed class BoostingSettingsTests
{
    [Theory]
    [InlineData("squared")]
    [InlineData("quantile")]
    [InlineData("huber")]
    [InlineData("logistic")]
    [InlineData("softmax")]
    public void Train_WholeWeights_SameAsRepeatedRows(string loss)
    {
        var task = loss switch
        {
            "logistic" => TaskKind.Binary,
            "softmax" => TaskKind.Multiclass,
            _ => TaskKind.Regression,
        };
        var set = Synthetic.Set(task, 250);
        var weights = Enumerable.Range(0, 250).Select(i => (double)(i % 4)).ToArray();
        var repeated = set.Take([.. weights.SelectMany((w, row) => Enumerable.Repeat(row, (int)w))]);
        var options = new BoostingOptions
        {
            Loss = loss, Quantile = 0.7, Rounds = 10, MaxLeaves = 6, EarlyStoppingRounds = 0, MinLeafRows = 1, NodeFeatureShare = 1,
        };

        var weighted = Train(options, set.WithWeights(weights)).Predict(repeated.Features).Values;
        var written = Train(options, repeated).Predict(repeated.Features).Values;

        // A split may fall elsewhere between two counted values, where only rows of weight 0 lie.
        for (var i = 0; i < written.Length; i++) Assert.Equal(written[i], weighted[i], 1e-4);
    }

    [Theory]
    [InlineData("squared")]
    [InlineData("absolute")]
    [InlineData("quantile")]
    [InlineData("huber")]
    [InlineData("poisson")]
    [InlineData("logistic")]
    public void Train_Monotone_PredictionsNeverGoAgainstIt(string loss)
    {
        var set = Noisy(loss == "logistic" ? TaskKind.Binary : TaskKind.Regression);
        var options = new BoostingOptions
        {
            Loss = loss, Rounds = 60, LearningRate = 0.3, EarlyStoppingRounds = 0,
            Monotone = MonotoneConstraints.TryParse("up: +1, down: decreasing")!,
        };
        var free = Train(options with { Monotone = MonotoneConstraints.None }, set);
        var bound = Train(options, set);

        Assert.Equal(0, Breaks(bound, "up", 1) + Breaks(bound, "down", -1));
        Assert.True(Breaks(free, "up", 1) > 50, "without the constraint the noise is learned");
    }

    [Theory]
    [InlineData("color: +1", "'color' is categorical")]
    [InlineData("age: +1", "there is no feature 'age'")]
    public void Train_MonotoneOnWhatHasNoOrder_Refused(string monotone, string message)
    {
        var options = new BoostingOptions { Monotone = MonotoneConstraints.TryParse(monotone)! };

        var error = Assert.Throws<GyreException>(() => Train(options, Synthetic.Set(TaskKind.Regression, 50)));

        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("a: 2")]
    [InlineData("a")]
    [InlineData("a: +1, a: -1")]
    public void Parse_MonotoneOfAnotherForm_Refused(string text) => Assert.Contains(
        "is not a list such as", Assert.Throws<GyreException>(
            () => BoostingOptions.Parse(new Dictionary<string, string> { ["monotone"] = text })).Message);

    [Fact]
    public void Train_EarlyStoppingMetric_KeepsTheRoundThatIsBestByIt()
    {
        var (train, validation) = (Synthetic.Set(TaskKind.Binary, 400), Synthetic.Set(TaskKind.Binary, 300, seed: 2));
        var values = new List<double>();
        var options = new BoostingOptions { EarlyStoppingMetric = "roc_auc", EarlyStoppingRounds = 20, Rounds = 300 };
        var context = new TrainingContext(Progress: new Listener(p => values.Add(p.Loss ?? double.NaN)));

        var pipeline = new BoostingTrainer(options).Train(train, validation, context);

        var auc = Metrics.Compute("roc_auc", validation.Target, pipeline.Predict(validation.Features));
        Assert.Equal(values.Max(), auc, 1e-6);
        Assert.Equal(values.IndexOf(values.Max()) + 1, ((BoostedTreesModel)pipeline.Model).Trees.Length);
    }

    [Fact]
    public void Train_EarlyStoppingMetricOfAnotherTask_Refused() => Assert.Contains(
        "'roc_auc' is not one of rmse, mae, r2", Assert.Throws<GyreException>(() => Train(
            new BoostingOptions { EarlyStoppingMetric = "roc_auc" }, Synthetic.Set(TaskKind.Regression, 200))).Message);

    [Fact]
    public void Train_LossOfAnotherTask_Refused() => Assert.Contains(
        "'poisson' is not a loss of a binary target; there is logistic", Assert.Throws<GyreException>(() => Train(
            new BoostingOptions { Loss = "poisson" }, Synthetic.Set(TaskKind.Binary, 200))).Message);

    [Fact]
    public void Train_PoissonOfNegativeTargets_RefusedWithTheRow() => Assert.Contains(
        "the loss 'poisson' needs 0 or more", Assert.Throws<GyreException>(() => Train(
            new BoostingOptions { Loss = "poisson" }, Synthetic.Set(TaskKind.Regression, 200))).Message);

    [Theory]
    [InlineData(0.4, 1.0)]
    [InlineData(1.0, 0.4)]
    public void Train_FeaturesSampledWithinTrees_ManyAreUsedAndTheModelIsTheSameAgain(double level, double node)
    {
        var set = Synthetic.Set(TaskKind.Regression, 2000);
        var options = new BoostingOptions
        {
            Rounds = 15, EarlyStoppingRounds = 0, LevelFeatureShare = level, NodeFeatureShare = node,
        };

        var (first, second) = (Trees(options, set), Trees(options, set));

        Assert.Equal(first.SelectMany(t => t.Value), second.SelectMany(t => t.Value));
        Assert.NotEqual(Trees(options with { LevelFeatureShare = 1, NodeFeatureShare = 1 }, set)[0].Feature, first[0].Feature);
        Assert.True(first.Max(t => t.Feature.Where(f => f >= 0).Distinct().Count()) >= 4);
    }

    private static System.Collections.Immutable.ImmutableArray<Tree> Trees(BoostingOptions options, TrainingSet set) =>
        ((BoostedTreesModel)Train(options, set).Model).Trees;

    private static FittedPipeline Train(BoostingOptions options, TrainingSet set) =>
        new BoostingTrainer(options).Train(set, null, new TrainingContext(Threads: 2));

    // How often a prediction moves against a direction along a feature, others being fixed.
    private static int Breaks(FittedPipeline pipeline, string feature, int direction)
    {
        var breaks = 0;
        foreach (var other in new[] { double.NaN, 0, 0.3, 0.9 })
        {
            var steps = Enumerable.Range(0, 101).Select(i => i / 100.0).ToArray();
            double[] Values(string name) => name == feature ? steps : [.. steps.Select(_ => other)];
            var table = new Table(new[] { "up", "down", "rest" }.Select(
                name => new Column<double>(name, ColumnType.Numeric, Values(name))));
            var values = pipeline.Predict(table).Values;
            for (var i = 1; i < values.Length; i++) breaks += direction * (values[i] - values[i - 1]) < -1e-9 ? 1 : 0;
        }

        return breaks;
    }

    private static TrainingSet Noisy(TaskKind task)
    {
        var random = new SeededRandom(4);
        const int rows = 800;
        double[] Uniform() => [.. Enumerable.Range(0, rows).Select(_ => random.NextInt(20) == 0 ? double.NaN : random.NextDouble())];
        var (up, down, rest) = (Uniform(), Uniform(), Uniform());
        double Or(double x) => double.IsNaN(x) ? 0.5 : x;
        var y = Enumerable.Range(0, rows).Select(i => Math.Max(
            0, 2 + Or(up[i]) - Or(down[i]) + Math.Sin(9 * Or(rest[i])) + random.NextNormal())).ToArray();
        if (task == TaskKind.Binary) y = Array.ConvertAll(y, v => v > 2 ? 1.0 : 0);
        var table = new Table(
        [
            new Column<double>("up", ColumnType.Numeric, up), new Column<double>("down", ColumnType.Numeric, down),
            new Column<double>("rest", ColumnType.Numeric, rest), new Column<double>("y", ColumnType.Numeric, y),
        ]);
        return TrainingSet.Create(table, "y", task, ["up", "down", "rest"]);
    }

    private sealed class Listener(Action<TrainingProgress> listen) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => listen(value);
    }
}
