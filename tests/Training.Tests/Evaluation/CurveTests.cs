using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.Evaluation;

public sealed class CurveTests
{
    private static readonly double[] Target = GoldenFile.Read("evaluation.json").Numbers("y");
    private static readonly Predictions Predicted = new(TaskKind.Binary, 1, GoldenFile.Read("evaluation.json").Numbers("p"));

    [Fact]
    public void ThresholdCurve_OfTiedScores_SameAsScikitLearn()
    {
        var golden = GoldenFile.Read("evaluation.json");
        var curve = ThresholdCurve.Of(Target, Predicted);
        AssertClose(golden.Numbers("fpr"), curve.Roc().Select(p => p.FalsePositiveRate));
        AssertClose(golden.Numbers("tpr"), curve.Roc().Select(p => p.TruePositiveRate));
        AssertClose(golden.Numbers("thresholds"), curve.Points.Skip(1).Select(p => p.Threshold));
        var recall = golden.Numbers("recall");
        AssertClose(recall, curve.PrecisionRecall().Select(p => p.Recall).Take(recall.Length));
        AssertClose(golden.Numbers("precision"), curve.PrecisionRecall().Select(p => p.Precision).Take(recall.Length));
        Assert.Equal((1, 1), curve.Gain()[^1]);
    }

    [Theory]
    [InlineData(10, false, "uniform")]
    [InlineData(7, true, "quantile")]
    public void CalibrationCurve_Bins_SameAsScikitLearn(int bins, bool byQuantiles, string name)
    {
        var golden = GoldenFile.Read("evaluation.json");
        var curve = CalibrationCurve.Of(Target, Predicted, bins, byQuantiles);
        AssertClose(golden.Numbers($"{name}_true"), curve.Bins.Select(b => b.CameTrue));
        AssertClose(golden.Numbers($"{name}_mean"), curve.Bins.Select(b => b.MeanProbability));
        Assert.Equal(Target.Length, curve.Bins.Sum(b => b.Rows));
        Assert.All(curve.Bins, b => Assert.InRange(b.CameTrue, b.Interval.Lower, b.Interval.Upper));
    }

    [Fact]
    public void BrierDecomposition_OfEqualPredictions_AddsUpToTheScore()
    {
        var parts = BrierDecomposition.Of(Target, Predicted, bins: 0);
        Assert.Equal(GoldenFile.Read("evaluation.json").GetProperty("brier").GetDouble(), parts.Score, 1e-12);
        var share = Target.Average();
        Assert.Equal(share * (1 - share), parts.Uncertainty, 1e-12);
        Assert.True(parts.Resolution > 0);
    }

    [Fact]
    public void ConfusionMatrix_ThreeClasses_CountsAndWorst()
    {
        var predictions = new Predictions(TaskKind.Multiclass, 3, [.8, .1, .1, .1, .8, .1, .2, .7, .1, .1, .1, .8, .3, .6, .1]);
        var matrix = ConfusionMatrix.Of([0, 1, 0, 2, 0], predictions, ["a", "b", "c"]);
        Assert.Equal(new long[] { 1, 2, 0, 0, 1, 0, 0, 0, 1 }, matrix.Counts.ToArray());
        Assert.Equal((0, 1, 2), Assert.Single(matrix.Worst()));
        Assert.Equal((3, 3), (matrix.Actual(0), matrix.Predicted(1)));
    }

    [Fact]
    public void McNemar_Counts_SameAsScipy()
    {
        foreach (var test in GoldenFile.Read("evaluation.json").GetProperty("mcnemar").EnumerateArray())
        {
            var ours = Gyre.Numerics.McNemar.Of(test.GetProperty("b").GetInt32(), test.GetProperty("c").GetInt32());
            Assert.Equal(test.GetProperty("exact").GetDouble(), ours.ExactProbability, 1e-10);
            Assert.Equal(test.GetProperty("statistic").GetDouble(), ours.Statistic, 1e-12);
            Assert.Equal(test.GetProperty("p").GetDouble(), ours.ChiSquaredProbability, 1e-10);
        }
    }

    [Fact]
    public void Residuals_NormalOnes_LieOnTheDiagonal()
    {
        var random = new Gyre.Numerics.SeededRandom(3);
        var target = Enumerable.Range(0, 5000).Select(_ => 10 + (2 * random.NextNormal())).ToArray();
        var residuals = Residuals.Of(target, new Predictions(TaskKind.Regression, 1, [.. target.Select(_ => 9.0)]));
        Assert.Equal(1, residuals.Mean, 0.1);
        Assert.Equal(2, residuals.Deviation, 0.1);
        Assert.Equal(5000, residuals.Histogram.Sum(b => b.Rows));
        Assert.All(residuals.NormalQuantiles, q => Assert.Equal(q.Normal, q.Residual, 0.3));
    }

    [Fact]
    public void Slices_OnePartIsWorse_ComesFirstWithItsRows()
    {
        var random = new Gyre.Numerics.SeededRandom(4);
        var kind = Enumerable.Range(0, 900).Select(i => i % 9 == 0 ? "odd" : i % 2 == 0 ? "even" : null).ToArray();
        var size = Enumerable.Range(0, 900).Select(i => (double)i).ToArray();
        var error = kind.Select(k => random.NextNormal() * (k == "odd" ? 5 : 1)).ToArray();
        var columns = new Table(
        [
            CategoricalColumn.FromValues("kind", ColumnType.Categorical, kind),
            new Column<double>("size", ColumnType.Numeric, size),
            new Column<bool>("flag", ColumnType.Boolean, [.. size.Select(s => s > 880)]),
        ]);
        var predictions = new Predictions(TaskKind.Regression, 1, error);
        var slices = Slices.Compute("rmse", new double[900], predictions, columns, new SliceOptions());
        Assert.Equal(("kind", "odd", 100, true), (slices[0].Column, slices[0].Slice, slices[0].Rows, slices[0].IsWorse));
        Assert.InRange(slices[0].Value, slices[0].Interval.Lower, slices[0].Interval.Upper);
        Assert.Contains(slices, s => s is { Column: "kind", Slice: "missing", Rows: 400 });
        Assert.Equal(5, slices.Count(s => s.Column == "size"));
        Assert.Equal(900, slices.Where(s => s.Column == "size").Sum(s => s.Rows));
        Assert.DoesNotContain(slices, s => s is { Column: "flag", Slice: "true" }); // 19 rows are too few
    }

    [Fact]
    public void PartialDependence_OfAKnownModel_IsItsShape()
    {
        var rows = Synthetic.Table(500, 1);
        Predictions Model(Table table)
        {
            var (b, color) = ((Column<double>)table["b"], (CategoricalColumn)table["color"]);
            return new Predictions(TaskKind.Regression, 1,
                [.. Enumerable.Range(0, table.RowCount).Select(i => (3 * b.Values[i]) + (color.StringAt(i) == "red" ? 10 : 0))]);
        }

        var number = PartialDependence.Compute(Model, rows, "b", new DependenceOptions());
        Assert.NotNull(number);
        for (var i = 1; i < number.Means.Length; i++)
            Assert.Equal(3 * (number.Positions[i] - number.Positions[0]), number.Means[i] - number.Means[0], 1e-9);
        Assert.All(number.Singles, s => Assert.Equal(3 * (number.Positions[^1] - number.Positions[0]), s[^1] - s[0], 1e-9));
        var category = PartialDependence.Compute(Model, rows, "color", new DependenceOptions());
        Assert.NotNull(category);
        var red = category.Values.IndexOf("red");
        Assert.All(Enumerable.Range(0, 6).Where(i => i != red), i => Assert.Equal(10, category.Means[red] - category.Means[i], 1e-9));
        Assert.Null(PartialDependence.Compute(Model, new Table([new Column<double>("x", ColumnType.Numeric, [double.NaN])]), "x", new DependenceOptions()));
    }

    [Fact]
    public void LearningCurve_OfAPowerLaw_FindsItAndSaysWhatTwiceTheRowsBring()
    {
        ImmutableArray<LearningPoint> points = [.. new[] { 100, 200, 400, 800, 1600 }
            .Select(n => new LearningPoint(n, 0.2 + (3 * Math.Pow(n, -0.5)), 0.0001, 5))];
        var (limit, scale, rate) = LearningCurve.Fit(points);
        Assert.Equal((0.2, 3.0, 0.5), (limit, scale, rate), (a, b) =>
            Math.Abs(a.Item1 - b.Item1) < 1e-6 && Math.Abs(a.Item2 - b.Item2) < 1e-4 && Math.Abs(a.Item3 - b.Item3) < 1e-9);
        var curve = new LearningCurve("log_loss", points, limit, scale, rate);
        Assert.Equal("More rows would help: twice the rows would lower log_loss by about 0.022.", curve.Answer());
        Assert.StartsWith("More rows would not help", (curve with { Metric = "roc_auc" }).Answer(), StringComparison.Ordinal);
    }

    [Fact]
    public void LearningCurve_OfATrainer_FallsWithMoreRows()
    {
        var set = Synthetic.Set(TaskKind.Regression, 1500);
        var folds = Splitter.Folds(set, SplitKind.Random, 3, null, 1);
        var trainer = new BoostingTrainer(new BoostingOptions { Rounds = 60 });
        var curve = LearningCurve.Compute(trainer, set, folds, "rmse", new TrainingContext());
        Assert.Equal(5, curve.Points.Length);
        Assert.Equal(1000, curve.Points[^1].Rows);
        Assert.True(curve.Points[^1].Mean < curve.Points[0].Mean);
        Assert.Contains("rmse", curve.Answer(), StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_EveryTask_FillsWhatApplies()
    {
        foreach (var task in new[] { TaskKind.Regression, TaskKind.Binary, TaskKind.Multiclass })
        {
            var pipeline = new BoostingTrainer(new BoostingOptions { Rounds = 20 })
                .Train(Synthetic.Set(task, 1000), null, new TrainingContext());
            var test = Synthetic.Set(task, 400, seed: 9);
            var evaluation = Evaluator.Evaluate(EvaluationInput.Of(pipeline, test), new EvaluationOptions());
            Assert.Equal(400, evaluation.Rows);
            Assert.Equal(
                Metrics.Evaluate(test.Target, pipeline.Predict(test.Features), Metrics.All(task)).Keys,
                evaluation.Metrics.Select(m => m.Metric).Order(StringComparer.Ordinal));
            if (evaluation.Calibration is { } curve)
                Assert.Equal(curve.ExpectedError, evaluation.Metrics.Single(m => m.Metric == "expected_calibration_error").Value, 1e-12);
            Assert.Equal(task == TaskKind.Regression, evaluation.Residuals is not null);
            Assert.Equal(task != TaskKind.Regression, evaluation.Calibration is not null);
            Assert.Equal(task == TaskKind.Multiclass ? 3 : task == TaskKind.Binary ? 1 : 0, evaluation.Curves.Length);
            Assert.NotEmpty(evaluation.Slices);
            Assert.NotEmpty(evaluation.Dependence);
            Assert.Equal(5, evaluation.Importance.Length);
            Assert.Equal(evaluation.Shap!.Explanation.Rows * 5, evaluation.Shap.Places.Length); // trees have one
        }
    }

    private static void AssertClose(double[] expected, IEnumerable<double> actual)
    {
        var found = actual.ToArray();
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i], 1e-9);
    }
}
