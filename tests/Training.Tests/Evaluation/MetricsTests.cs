using Gyre.Numerics;
using Gyre.Tabular;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.Evaluation;

public sealed class MetricsTests
{
    // Both sides sum in float64 in another order; the log loss of scikit-learn also rescales rows to sum 1.
    private const double Tolerance = 1e-10;

    [Theory]
    [InlineData(TaskKind.Regression)]
    [InlineData(TaskKind.Binary)]
    [InlineData(TaskKind.Multiclass)]
    public void Evaluate_AgainstScikitLearn_Same(TaskKind task)
    {
        var golden = GoldenFile.Read("metrics.json").GetProperty("cases").GetProperty(task.ToString());
        var predictions = new Predictions(task, task == TaskKind.Multiclass ? 4 : 1, golden.Numbers("predictions"));
        var metrics = Metrics.Evaluate(golden.Numbers("target"), predictions, Metrics.All(task));
        Assert.Equal(golden.GetProperty("metrics").EnumerateObject().Count(), metrics.Count);
        Assert.Equal(Metrics.All(task).Order(StringComparer.Ordinal), metrics.Keys);
        foreach (var expected in golden.GetProperty("metrics").EnumerateObject())
            Assert.Equal(expected.Value.GetDouble(), metrics[expected.Name], Tolerance);
    }

    [Theory]
    [InlineData(TaskKind.Regression)]
    [InlineData(TaskKind.Binary)]
    [InlineData(TaskKind.Multiclass)]
    public void Evaluate_RowsRepeatedByCount_SameAsScikitLearnWeighted(TaskKind task)
    {
        var file = GoldenFile.Read("metrics.json");
        var golden = file.GetProperty("cases").GetProperty(task.ToString());
        var counts = file.Numbers("counts");
        var rows = Enumerable.Range(0, counts.Length).SelectMany(r => Enumerable.Repeat(r, (int)counts[r])).ToArray();
        var predictions = new Predictions(task, task == TaskKind.Multiclass ? 4 : 1, golden.Numbers("predictions"));
        var target = golden.Numbers("target");
        var metrics = Metrics.Evaluate(Array.ConvertAll(rows, r => target[r]), predictions.Take(rows), Metrics.All(task));
        foreach (var expected in golden.GetProperty("weighted").EnumerateObject())
            Assert.Equal(expected.Value.GetDouble(), metrics[expected.Name], Tolerance);
    }

    [Theory]
    [InlineData(TaskKind.Regression)]
    [InlineData(TaskKind.Binary)]
    [InlineData(TaskKind.Multiclass)]
    public void Value_OfCounts_SameAsOfRepeatedRows(TaskKind task)
    {
        var file = GoldenFile.Read("metrics.json");
        var golden = file.GetProperty("cases").GetProperty(task.ToString());
        var counts = Array.ConvertAll(file.Numbers("counts"), c => (int)c);
        var predictions = new Predictions(task, task == TaskKind.Multiclass ? 4 : 1, golden.Numbers("predictions"));
        foreach (var metric in Metrics.All(task))
        {
            var value = Metrics.Calculator(metric, golden.Numbers("target"), predictions).Value(counts);
            Assert.Equal(golden.GetProperty("weighted").GetProperty(metric).GetDouble(), value, Tolerance);
        }
    }

    [Fact]
    public void Compute_OutsideItsDomain_IsUndefined()
    {
        var predictions = new Predictions(TaskKind.Regression, 1, [1, 0]);
        Assert.Equal(double.NaN, Metrics.Compute("poisson_deviance", [1.0, 2], predictions));
        Assert.Equal(double.NaN, Metrics.Compute("mape", [0.0, 2], predictions));
        Assert.Equal(2, Metrics.Compute("poisson_deviance", [0.0, 1], new Predictions(TaskKind.Regression, 1, [2, 1])), 1e-12);
        var oneClass = new Predictions(TaskKind.Binary, 1, [0.2, 0.4]);
        foreach (var metric in new[] { "ks", "gini", "cohen_kappa" })
            Assert.Equal(double.NaN, Metrics.Compute(metric, [0.0, 0], oneClass));
        Assert.Equal(0, Metrics.Compute("mcc", [0.0, 0], oneClass));
        Assert.Throws<ArgumentException>(() => Metrics.Compute("top_3_accuracy", [0.0, 0], oneClass));
    }

    [Fact]
    public void Evaluate_OneClassOnly_LeavesOutWhatIsUndefined()
    {
        var metrics = Metrics.Evaluate([0.0, 0], new Predictions(TaskKind.Binary, 1, [0.2, 0.4]));
        Assert.DoesNotContain("roc_auc", metrics.Keys);
        Assert.DoesNotContain("pr_auc", metrics.Keys);
        Assert.Equal(1, metrics["accuracy"]);
    }

    [Fact]
    public void Evaluate_PerfectPredictions_AreBest()
    {
        var predictions = new Predictions(TaskKind.Binary, 1, [0, 1, 1]);
        var metrics = Metrics.Evaluate([0.0, 1, 1], predictions, Metrics.All(TaskKind.Binary));
        Assert.All(metrics, m => Assert.Equal(Metrics.HigherIsBetter(m.Key) ? 1 : 0, m.Value, 1e-12));
    }

    [Fact]
    public void Compute_WrongNameOrLength_Throws()
    {
        var predictions = new Predictions(TaskKind.Regression, 1, [1, 2]);
        Assert.Throws<ArgumentException>(() => Metrics.Compute("roc_auc", [1.0, 2], predictions));
        Assert.Throws<ArgumentException>(() => Metrics.Compute("rmse", [1.0], predictions));
        Assert.Throws<ArgumentException>(() => Metrics.HigherIsBetter("speed"));
    }

    [Fact]
    public void Interval_Resamples_MatchMetricOverDrawnRows()
    {
        // The fast way over counts must equal drawing the rows and computing afresh.
        var (target, predictions) = Scored(60, 0.5, 3);
        var random = new SeededRandom(9);
        var values = new List<double>();
        for (var r = 0; r < 50; r++)
        {
            var rows = new int[60];
            for (var i = 0; i < rows.Length; i++) rows[i] = random.NextInt(60);
            values.Add(Metrics.Compute("roc_auc", Array.ConvertAll(rows, row => target[row]), predictions.Take(rows)));
        }

        var interval = Bootstrap.Interval("roc_auc", target, predictions, seed: 9, resamples: 50);
        values.Sort();
        Assert.Equal(Quantiles.OfSorted(values.ToArray(), 0.025), interval.Interval.Lower, 1e-12);
        Assert.Equal(Quantiles.OfSorted(values.ToArray(), 0.975), interval.Interval.Upper, 1e-12);
        Assert.True(interval.Interval.Contains(interval.Value));
    }

    [Fact]
    public void Paired_BetterCandidate_ImprovementAboveZeroWhicheverWayTheMetricRuns()
    {
        var (target, worse) = Scored(400, 0.9, 1);
        var (_, better) = Scored(400, 0.3, 1);
        foreach (var metric in Metrics.All(TaskKind.Binary))
        {
            var comparison = Bootstrap.Paired(metric, target, worse, better, seed: 2, resamples: 200);
            Assert.True(comparison.Interval.Lower > 0, metric);
            Assert.InRange(comparison.ShareBetter, 0.975, 1);
        }
    }

    [Fact]
    public void Paired_SameModel_NoImprovement()
    {
        var (target, predictions) = Scored(100, 0.5, 4);
        var comparison = Bootstrap.Paired("log_loss", target, predictions, predictions, seed: 2, resamples: 50);
        Assert.Equal((0.0, 0.0, 0.0), (comparison.Improvement, comparison.Interval.Lower, comparison.Interval.Upper));
        Assert.Equal(0.5, comparison.ShareBetter);
    }

    private static (double[] Target, Predictions Predictions) Scored(int rows, double noise, ulong seed)
    {
        var random = new SeededRandom(seed);
        var target = new double[rows];
        var values = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            target[i] = random.NextInt(2);
            values[i] = Math.Clamp((target[i] * (1 - noise)) + (noise * random.NextDouble()), 0.001, 0.999);
        }

        return (target, new Predictions(TaskKind.Binary, 1, values));
    }
}
