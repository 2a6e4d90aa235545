using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>
/// Measures predictions against the actual values that arrived later, with the formulas of training. Pure; the same
/// seed gives
/// the same intervals. Thread-safe.
/// </summary>
public static class PerformanceCalculator
{
    /// <summary>Compares a metric over a window with its value at training.</summary>
    /// <param name="metric">One of the task's metrics, see <see cref="MetricNames"/>.</param>
    /// <param name="window">The predictions; rows without an actual value or a finite prediction are left out.</param>
    /// <param name="atTraining">The metric on held-out rows at training.</param>
    /// <param name="options">When it counts as worse; the defaults when null.</param>
    /// <exception cref="ArgumentException">The metric is not one of the task.</exception>
    public static PerformanceReport Compute(
        string metric, PredictionWindow window, double atTraining, PerformanceOptions? options = null)
    {
        options ??= new PerformanceOptions();
        RequireMetric(metric, window.Task);
        var (actual, predicted) = KnownRows(window);
        var limit = LimitOf(metric, atTraining, options.Margin);
        if (actual.Length == 0)
        {
            var none = new ConfidenceInterval(double.NaN, double.NaN, options.Level);
            return new PerformanceReport(metric, 0, double.NaN, none, atTraining, limit, false, false);
        }

        var calculator = MetricCalculator.Create(metric, actual, predicted, window.Outputs, options.Threshold);
        var length = Math.Clamp(options.BlockLength ?? BlockBootstrap.DefaultLength(actual.Length), 1, actual.Length);
        var interval = PercentileBootstrap.Interval(
            BlockBootstrap.Distribution(actual.Length, length, options.Resamples, options.Seed, calculator.Value),
            options.Level);
        var sufficient = actual.Length >= options.MinRows;
        var worse = MetricNames.HigherIsBetter(metric) ? interval.Upper < limit : interval.Lower > limit;
        return new PerformanceReport(metric, actual.Length, Whole(calculator, actual.Length), interval, atTraining, limit,
            sufficient, sufficient && worse);
    }

    /// <summary>
    /// All of the task's reported metrics that are defined for the window's known rows; empty when there are none.
    /// </summary>
    public static ImmutableSortedDictionary<string, double> Evaluate(PredictionWindow window)
    {
        var (actual, predicted) = KnownRows(window);
        if (actual.Length == 0) return ImmutableSortedDictionary<string, double>.Empty;
        return NamesOf(window.Task)
            .Select(name => KeyValuePair.Create(
                name, Whole(MetricCalculator.Create(name, actual, predicted, window.Outputs), actual.Length)))
            .Where(pair => !double.IsNaN(pair.Value))
            .ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>The value beyond which a metric is worse than at training by more than a margin.</summary>
    /// <param name="metric">The metric, which tells the direction.</param>
    /// <param name="atTraining">Its value at training.</param>
    /// <param name="margin">As a share of that value's size.</param>
    public static double LimitOf(string metric, double atTraining, double margin)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(margin);
        var slack = margin * Math.Abs(atTraining);
        return MetricNames.HigherIsBetter(metric) ? atTraining - slack : atTraining + slack;
    }

    private static ImmutableArray<string> NamesOf(TaskKind task) =>
        task switch
        {
            TaskKind.Regression => MetricNames.Regression,
            TaskKind.Recommendation => MetricNames.Recommendation,
            _ => MetricNames.Classification,
        };

    private static ImmutableArray<string> AllOf(TaskKind task) =>
        task switch
        {
            TaskKind.Regression => MetricNames.AllRegression,
            TaskKind.Binary => MetricNames.AllBinary,
            TaskKind.Multiclass => MetricNames.AllMulticlass,
            _ => NamesOf(task),
        };

    private static void RequireMetric(string metric, TaskKind task)
    {
        if (!AllOf(task).Contains(metric))
        {
            throw new ArgumentException(
                $"There is no metric '{metric}' for {task}; there are {string.Join(", ", AllOf(task))}.", nameof(metric));
        }
    }

    private static (double[] Actual, double[] Predicted) KnownRows(PredictionWindow window)
    {
        var actual = new List<double>(window.Known);
        var predicted = new List<double>(window.Known * window.Outputs);
        for (var row = 0; row < window.Rows; row++)
        {
            var outputs = window.Predicted.Slice(row * window.Outputs, window.Outputs);
            if (double.IsNaN(window.Actual[row]) || !AllFinite(outputs)) continue;
            actual.Add(window.Actual[row]);
            predicted.AddRange(outputs);
        }

        return ([.. actual], [.. predicted]);
    }

    private static bool AllFinite(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (!double.IsFinite(value)) return false;
        }

        return true;
    }

    private static double Whole(MetricCalculator calculator, int rows)
    {
        var once = new int[rows];
        once.AsSpan().Fill(1);
        return calculator.Value(once);
    }
}
