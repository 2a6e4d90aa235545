using Gyre.Numerics;

namespace Gyre.Training;

/// <summary>Percentile-bootstrap intervals of metrics over test rows. Pure; the same seed gives the same
/// intervals.</summary>
public static class Bootstrap
{
    /// <summary>Resamples drawn unless said otherwise.</summary>
    public const int DefaultResamples = 1000;

    /// <summary>A metric with its 95 % interval.</summary>
    /// <param name="metric">The metric, see <see cref="Metrics"/>.</param>
    /// <param name="target">One per row: the value, or the position of the class.</param>
    /// <param name="predictions">One row per target.</param>
    /// <param name="seed">Draws the resamples.</param>
    /// <param name="resamples">How many are drawn, at least 1.</param>
    /// <param name="cancellationToken">Stops between resamples.</param>
    /// <exception cref="ArgumentException">The metric is not one of the task, or the numbers of rows
    /// differ.</exception>
    public static MetricInterval Interval(
        string metric, ReadOnlySpan<double> target, Predictions predictions, ulong seed,
        int resamples = DefaultResamples, CancellationToken cancellationToken = default)
    {
        var calculator = Metrics.Calculator(metric, target, predictions);
        var distribution = PercentileBootstrap.Distribution(target.Length, resamples, seed, counts =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return calculator.Value(counts);
        });
        return new MetricInterval(metric, Once(calculator, target.Length), PercentileBootstrap.Interval(distribution));
    }

    /// <summary>
    /// Two models on the same rows. Each resample draws the same rows for both, so what makes rows hard for both
    /// cancels out and the interval of the difference is far narrower than the two intervals suggest.
    /// </summary>
    /// <param name="metric">The metric, see <see cref="Metrics"/>.</param>
    /// <param name="target">One per row: the value, or the position of the class.</param>
    /// <param name="champion">The model in place.</param>
    /// <param name="candidate">The model that would replace it.</param>
    /// <param name="seed">Draws the resamples.</param>
    /// <param name="resamples">How many are drawn, at least 1.</param>
    /// <param name="cancellationToken">Stops between resamples.</param>
    /// <exception cref="ArgumentException">The metric is not one of the task, or the numbers of rows
    /// differ.</exception>
    public static PairedComparison Paired(
        string metric,
        ReadOnlySpan<double> target,
        Predictions champion,
        Predictions candidate,
        ulong seed,
        int resamples = DefaultResamples,
        CancellationToken cancellationToken = default)
    {
        var first = Metrics.Calculator(metric, target, champion);
        var second = Metrics.Calculator(metric, target, candidate);
        var sign = Metrics.HigherIsBetter(metric) ? 1 : -1;
        var distribution = PercentileBootstrap.Distribution(
            target.Length, resamples, seed, counts =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return sign * (second.Value(counts) - first.Value(counts));
            });
        var better = distribution.Count(d => d > 0) + (0.5 * distribution.Count(d => d == 0));
        return new PairedComparison(
            metric,
            Once(first, target.Length),
            Once(second, target.Length),
            sign * (Once(second, target.Length) - Once(first, target.Length)),
            PercentileBootstrap.Interval(distribution),
            distribution.Length == 0 ? double.NaN : better / distribution.Length);
    }

    private static double Once(MetricCalculator calculator, int rows)
    {
        var counts = new int[rows];
        counts.AsSpan().Fill(1);
        return calculator.Value(counts);
    }
}

/// <summary>A metric and how sure it is.</summary>
/// <param name="Metric">Its name.</param>
/// <param name="Value">Over all rows.</param>
/// <param name="Interval">The 95 % percentile-bootstrap interval; NaN ends when no resample defines the metric.</param>
public sealed record MetricInterval(string Metric, double Value, ConfidenceInterval Interval);

/// <summary>Two models compared on the same rows.</summary>
/// <param name="Metric">The metric's name.</param>
/// <param name="Champion">The champion's value over all rows.</param>
/// <param name="Candidate">The candidate's value over all rows.</param>
/// <param name="Improvement">How much better the candidate is, in the metric's unit: positive is better whichever way
/// the metric runs.</param>
/// <param name="Interval">The 95 % interval of the improvement.</param>
/// <param name="ShareBetter">The share of resamples in which the candidate is better, ties half; 0 to 1.</param>
public sealed record PairedComparison(
    string Metric, double Champion, double Candidate, double Improvement, ConfidenceInterval Interval,
    double ShareBetter);
