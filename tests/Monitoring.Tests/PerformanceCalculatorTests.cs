using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Tabular;

namespace Gyre.Monitoring.Tests;

public class PerformanceCalculatorTests
{
    private sealed record MetricsCase(
        string Task, string[] Classes, double[] Actual, double[] Predicted, Dictionary<string, double> Metrics);

    private static readonly MetricsCase[] Golden = JsonSerializer.Deserialize<MetricsCase[]>(
        File.ReadAllText(Path.Combine(TestData.Root, "tests", "Monitoring.Tests", "Golden", "metrics.json")),
        JsonSerializerOptions.Web)!;

    [Theory]
    [InlineData("Regression")]
    [InlineData("Binary")]
    [InlineData("Multiclass")]
    public void Evaluate_EveryTask_AgreesWithScikitLearn(string task)
    {
        var golden = Golden.Single(golden => golden.Task == task);
        var window = Window(Enum.Parse<TaskKind>(task), golden.Classes, golden.Predicted, golden.Actual);

        var metrics = PerformanceCalculator.Evaluate(window);

        Assert.Equal(golden.Metrics.Keys.Order(StringComparer.Ordinal), metrics.Keys);
        foreach (var (name, value) in golden.Metrics) Assert.Equal(value, metrics[name], 1e-12);
    }

    [Fact]
    public void Compute_ErrorsTwiceAsLarge_IsWorseAndTheIntervalCoversTheValue()
    {
        var report = PerformanceCalculator.Compute("rmse", Errors(400, 2), atTraining: 1);
        Assert.True(report.IsWorse);
        Assert.True(report.Interval.Contains(report.Value));
        Assert.Equal((400, 1.1, 0.95), (report.Rows, report.Limit, report.Interval.Level));
        Assert.Equal(report, PerformanceCalculator.Compute("rmse", Errors(400, 2), atTraining: 1));
    }

    [Fact]
    public void Compute_ErrorsAsAtTraining_IsNotWorse() =>
        Assert.False(PerformanceCalculator.Compute("rmse", Errors(400, 1), atTraining: 1).IsWorse);

    [Fact]
    public void Compute_WorseButUnsure_IsNotWorse()
    {
        // The value is beyond the limit, the near end of the interval is not.
        var report = PerformanceCalculator.Compute("rmse", Errors(60, 1.25), atTraining: 1);
        Assert.True(report.Value > report.Limit);
        Assert.False(report.IsWorse);
    }

    [Fact]
    public void Compute_TooFewRows_DecidesNothing()
    {
        var report = PerformanceCalculator.Compute("rmse", Errors(49, 5), atTraining: 1);
        Assert.Equal((49, false, false), (report.Rows, report.IsSufficient, report.IsWorse));
    }

    [Fact]
    public void Compute_NoActualValues_IsUndefined()
    {
        var report = PerformanceCalculator.Compute(
            "rmse", Window(TaskKind.Regression, [], [1, 2], [double.NaN, double.NaN]), atTraining: 1);
        Assert.Equal((0, double.NaN, false), (report.Rows, report.Value, report.IsWorse));
    }

    [Fact]
    public void Compute_HigherIsBetter_LooksAtTheUpperEnd()
    {
        var random = new Random(4);
        var actual = Enumerable.Range(0, 500).Select(_ => (double)random.Next(2)).ToArray();
        var window = Window(TaskKind.Binary, ["no", "yes"], [.. actual.Select(_ => random.NextDouble())], actual);
        var report = PerformanceCalculator.Compute("roc_auc", window, atTraining: 0.9);
        Assert.Equal(0.81, report.Limit, 1e-12);
        Assert.True(report.IsWorse);
    }

    [Fact]
    public void Compute_NeighboursAlike_BlocksWidenTheInterval()
    {
        // Errors that hold for a day: 24 equal rows carry the information of one.
        var random = new Random(5);
        double[] predicted = [.. Enumerable.Range(0, 30).SelectMany(_ => Enumerable.Repeat(ReferenceProfileTests.Normal(random), 24))];
        var window = Window(TaskKind.Regression, [], predicted, new double[predicted.Length]);
        double Width(int length)
        {
            var interval = PerformanceCalculator.Compute(
                "mae", window, 1, new PerformanceOptions { BlockLength = length }).Interval;
            return interval.Upper - interval.Lower;
        }

        Assert.InRange(Width(24) / Width(1), 3, 6); // √24 ≈ 4.9 by theory
    }

    [Fact]
    public void Compute_MetricOfAnotherTask_Throws() =>
        Assert.Throws<ArgumentException>(() => PerformanceCalculator.Compute("roc_auc", Errors(60, 1), 1));

    private static PredictionWindow Errors(int rows, double deviation)
    {
        var random = new Random(6);
        return Window(TaskKind.Regression, [],
            [.. Enumerable.Range(0, rows).Select(_ => deviation * ReferenceProfileTests.Normal(random))], new double[rows]);
    }

    private static PredictionWindow Window(TaskKind task, string[] classes, double[] predicted, double[] actual)
    {
        var rows = new PredictionRows();
        rows.Predicted.AddRange(predicted);
        rows.Actual.AddRange(actual);
        rows.Ids.AddRange(actual.Select((_, i) => $"{i}"));
        rows.Versions.AddRange(actual.Select(_ => 1));
        rows.RequestedAt.AddRange(actual.Select((_, i) => (long)i));
        return new PredictionWindow(task, [.. classes], new Table([]), rows, 0);
    }
}
