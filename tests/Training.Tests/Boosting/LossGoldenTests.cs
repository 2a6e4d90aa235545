using System.Text.Json;
using Gyre.Tabular;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.Boosting;

/// <summary>Losses, weights, constraints and penalties against scikit-learn and XGBoost (Golden/losses.py).</summary>
public sealed class LossGoldenTests
{
    // As HistGradientBoosting in losses.py.
    private static readonly BoostingOptions Sklearn = new()
    {
        Rounds = 12, LearningRate = 0.3, MaxLeaves = 8, MinLeafRows = 7, MinChildWeight = 1e-3, L2 = 0,
        EarlyStoppingRounds = 0, NodeFeatureShare = 1,
    };

    private static readonly BoostingOptions Xgboost = new()
    {
        Rounds = 12, LearningRate = 0.3, MaxLeaves = 8, MaxDepth = 3, MinChildWeight = 2, L1 = 3, L2 = 1.5,
        EarlyStoppingRounds = 0, NodeFeatureShare = 1,
    };

    private static readonly JsonElement File = GoldenFile.Read("losses.json");

    [Theory]
    [InlineData("squared_weighted", "value", null, true)]
    [InlineData("absolute", "value", "absolute", false)]
    [InlineData("poisson", "count", "poisson", false)]
    [InlineData("poisson_weighted", "count", "poisson", true)]
    public void Train_RegressionLoss_PredictsAsScikitLearn(string golden, string target, string? loss, bool weighted)
    {
        var options = Sklearn with { Loss = loss };

        Compare(golden, Predict(options, target, TaskKind.Regression, weighted));
    }

    [Fact]
    public void Train_WeightedLogistic_PredictsAsScikitLearn() =>
        Compare("logistic_weighted", Predict(Sklearn, "binary", TaskKind.Binary, weighted: true));

    [Fact]
    public void Train_Monotone_PredictsAsXgboost()
    {
        var monotone = MonotoneConstraints.TryParse("x0: +1, x1: increasing, x2: -1")!;
        var options = Xgboost with { Monotone = monotone, L1 = 0 };

        Compare("monotone", Predict(options, "value", TaskKind.Regression, false));
    }

    [Fact]
    public void Train_Quantile_FitsAsScikitLearn()
    {
        var predictions = Predict(
            Sklearn with { Loss = "quantile", Quantile = 0.9 }, "value", TaskKind.Regression, false);
        var target = File.Numbers("value");
        var loss = predictions.Select((p, i) => Math.Max(0.9 * (target[i] - p), 0.1 * (p - target[i]))).Average();

        // Gradients have two values only, so many splits tie, and each breaks ties in its own way.
        Assert.Equal(1, loss / File.GetProperty("quantile_loss").GetDouble(), 0.05);
    }

    [Theory]
    [InlineData("l1", false)]
    [InlineData("l1_weighted", true)]
    public void Train_L1_PredictsAsXgboost(string golden, bool weighted) =>
        Compare(golden, Predict(Xgboost, "value", TaskKind.Regression, weighted));

    private static double[] Predict(BoostingOptions options, string target, TaskKind task, bool weighted)
    {
        var features = File.GetProperty("features").EnumerateArray().Select((column, i) => new Column<double>(
            $"x{i}", ColumnType.Numeric, [.. column.EnumerateArray().Select(GoldenFile.Number)])).ToArray();
        var table = new Table([.. features, new Column<double>(target, ColumnType.Numeric, File.Numbers(target))]);
        var set = TrainingSet.Create(table, target, task, [.. features.Select(f => f.Name)]);
        if (weighted) set = set.WithWeights(File.Numbers("weight"));
        return new BoostingTrainer(options).Train(set, null, new TrainingContext()).Predict(table).Values.ToArray();
    }

    // Others keep gradients or leaves in float32.
    private static void Compare(string golden, double[] predictions)
    {
        var expected = File.Numbers(golden);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], predictions[i], 1e-4);
    }
}
