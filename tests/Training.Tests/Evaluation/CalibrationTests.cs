using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Calibration;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.Evaluation;

public sealed class CalibrationTests
{
    [Fact]
    public void Platt_Fit_SameAsNewtonsMethodInNumpy()
    {
        var golden = GoldenFile.Read("evaluation.json");
        var fitted = CalibratorFit.Platt(golden.Numbers("p"), Came(golden.Numbers("y")));
        Assert.Equal(golden.Numbers("platt")[0], fitted.Slope, 1e-6); // parameters are float32
        Assert.Equal(golden.Numbers("platt")[1], fitted.Intercept, 1e-6);
    }

    [Fact]
    public void Pool_Blocks_AreScikitLearnsSteps()
    {
        var golden = GoldenFile.Read("evaluation.json");
        var (p, y) = (golden.Numbers("p"), golden.Numbers("y"));
        var blocks = CalibratorFit.Pool(p, Came(y));
        var (grid, expected) = (golden.Numbers("grid"), golden.Numbers("isotonic"));
        // Where a given probability stands, scikit-learn's curve has the value of its block.
        for (var i = 0; i < grid.Length; i++)
        {
            if (!p.Any(v => Math.Abs(v - grid[i]) < 1e-9)) continue;
            var rows = 0;
            var block = blocks.First(b => (rows += b.Rows) >= p.Count(v => v <= grid[i] + 1e-9));
            Assert.Equal(expected[i], block.True, 1e-9);
        }

        Assert.Equal(p.Length, blocks.Sum(b => b.Rows));
        Assert.Equal(blocks.Select(b => b.True).Order(), blocks.Select(b => b.True));
    }

    [Fact]
    public void Isotonic_Curve_RisesThroughTheBlocksAndKeepsOffTheEnds()
    {
        var golden = GoldenFile.Read("evaluation.json");
        var curve = CalibratorFit.Isotonic(golden.Numbers("p"), Came(golden.Numbers("y")));
        for (var i = 0; i < curve.Given.Length; i++) Assert.Equal(curve.True[i], curve.Apply(curve.Given[i]), 1e-6);
        var values = Enumerable.Range(0, 101).Select(i => curve.Apply(i / 100.0)).ToArray();
        Assert.Equal(values.Order(), values);
        Assert.InRange(values[0], 1 / 303.0, 1);
        Assert.InRange(values[^1], 0, 1 - (1 / 303.0));
    }

    [Theory]
    [InlineData(CalibrationMethod.Platt, TaskKind.Binary)]
    [InlineData(CalibrationMethod.Isotonic, TaskKind.Binary)]
    [InlineData(CalibrationMethod.Isotonic, TaskKind.Multiclass)]
    public void Train_TooSureTrainer_ProbabilitiesComeTrue(CalibrationMethod method, TaskKind task)
    {
        // So many deep trees on noisy rows are far too sure.
        var inner = new BoostingTrainer(new BoostingOptions { Rounds = 60, LearningRate = 0.5, MaxLeaves = 60, MinChildWeight = 0, EarlyStoppingRounds = 0 });
        var (train, test) = (Noisy(task, 2500, 1), Noisy(task, 4000, 2));
        var plain = inner.Train(train, null, new TrainingContext());
        var calibrated = new CalibratingTrainer(inner, method, null).Train(train, null, new TrainingContext());
        var (before, after) = (Metrics.Evaluate(test, plain.Predict(test.Features)), Metrics.Evaluate(test, calibrated.Predict(test.Features)));
        Assert.True(after["log_loss"] < 0.8 * before["log_loss"], $"{before["log_loss"]} to {after["log_loss"]}");
        var error = CalibrationCurve.Of(test.Target, calibrated.Predict(test.Features)).ExpectedError;
        Assert.InRange(error, 0, 0.05);
        Assert.True(error < 0.5 * CalibrationCurve.Of(test.Target, plain.Predict(test.Features)).ExpectedError);
        if (task == TaskKind.Binary) Assert.Equal(before["roc_auc"], after["roc_auc"], 0.003); // order is kept
        Assert.True(TreeShap.CanExplain(calibrated));
        Assert.Equal(method.ToString().ToLowerInvariant(), new CalibratingTrainer(inner, method, null).Parameters["calibration"]);
    }

    [Fact]
    public void Train_Costs_TheThresholdCostsLessThanOneHalf()
    {
        var costs = new DecisionCosts(1, 8);
        var trainer = new CalibratingTrainer(new BoostingTrainer(new BoostingOptions { Rounds = 30 }), CalibrationMethod.None, costs);
        var (train, test) = (Noisy(TaskKind.Binary, 3000, 1), Noisy(TaskKind.Binary, 4000, 2));
        var pipeline = trainer.Train(train, null, new TrainingContext());
        var predictions = pipeline.Predict(test.Features);
        Assert.InRange(pipeline.Threshold, 0.02, 0.3); // calibrated probabilities would have it at 1/9
        Assert.True(costs.At(test.Target, predictions, pipeline.Threshold) < 0.9 * costs.At(test.Target, predictions, 0.5));
        for (var i = 0; i < predictions.Rows; i++)
            Assert.Equal(predictions.Values[i] >= pipeline.Threshold ? 1 : 0, predictions.ClassAt(i));
        var recall = ConfusionMatrix.Of(test.Target, predictions, test.Classes);
        Assert.True(recall[1, 1] > 0.8 * recall.Actual(1));
        Assert.Equal(pipeline.Threshold, predictions.Take([3, 1]).Threshold);
    }

    [Fact]
    public void CheapestThreshold_KnownRows_PartsWhereItCostsLeast()
    {
        var predictions = new Predictions(TaskKind.Binary, 1, [0.1, 0.2, 0.4, 0.6, 0.7, 0.9]);
        double[] target = [0, 1, 0, 0, 1, 1];
        Assert.Equal(0.65, new DecisionCosts(1, 1).CheapestThreshold(target, predictions), 1e-6);
        Assert.Equal(0.15, new DecisionCosts(1, 5).CheapestThreshold(target, predictions), 1e-6);
        Assert.Equal(1 / 6.0, new DecisionCosts(1, 1).At(target, predictions, 0.65), 1e-12);
    }

    [Fact]
    public void Train_RegressionOrCostsOfThreeClasses_IsRefused()
    {
        var trainer = new CalibratingTrainer(new DummyTrainer(), CalibrationMethod.Platt, null);
        Assert.Throws<GyreException>(() => trainer.Train(Synthetic.Set(TaskKind.Regression, 100), null, new TrainingContext()));
        var costs = new CalibratingTrainer(new DummyTrainer(), CalibrationMethod.None, new DecisionCosts(1, 2));
        Assert.Throws<GyreException>(() => costs.Train(Synthetic.Set(TaskKind.Multiclass, 100), null, new TrainingContext()));
    }

    // A fifth of the classes is wrong, so that certainty is never right.
    private static TrainingSet Noisy(TaskKind task, int rows, ulong seed)
    {
        var table = Synthetic.Table(rows, seed);
        var random = new Gyre.Numerics.SeededRandom(seed + 100);
        var name = task == TaskKind.Binary ? "high" : "label";
        Column target = task == TaskKind.Binary
            ? new Column<bool>(name, ColumnType.Boolean, [.. Enumerable.Range(0, rows).Select(i => (bool)table[name].ValueAt(i)! ^ random.NextInt(5) == 0)]) // none is missing
            : CategoricalColumn.FromValues(name, ColumnType.Categorical, Enumerable.Range(0, rows)
                .Select(i => random.NextInt(5) == 0 ? new[] { "low", "mid", "top" }[random.NextInt(3)] : (string?)table[name].ValueAt(i)));
        return TrainingSet.Create(table.Without(name).With(target), name, task, Synthetic.Features);
    }

    private static bool[] Came(double[] y) => Array.ConvertAll(y, v => v == 1);
}
