using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// A metric over fixed rows of which each counts any number of times. What does not depend on the counts (losses, orders) is computed
/// once, so that a thousand resamples cost a thousand passes and no sorting. Thread-safe.
/// </summary>
internal abstract class MetricCalculator
{
    /// <summary>The metric when row i counts <c>counts[i]</c> times; NaN where it is not defined.</summary>
    public abstract double Value(ReadOnlySpan<int> counts);

    public static MetricCalculator Create(string name, ReadOnlySpan<double> target, Predictions predictions)
    {
        if (!Metrics.Names(predictions.Task).Contains(name))
        {
            throw new ArgumentException(
                $"There is no metric '{name}' for {predictions.Task}; there are {string.Join(", ", Metrics.Names(predictions.Task))}.",
                nameof(name));
        }

        if (target.Length != predictions.Rows || target.IsEmpty)
        {
            throw new ArgumentException(
                $"{target.Length} targets do not fit {predictions.Rows} predictions; one of each per row is needed, and a row.",
                nameof(target));
        }

        return name switch
        {
            "rmse" => new MeanCalculator(RowLosses.Squared(target, predictions), Math.Sqrt),
            "mae" => new MeanCalculator(RowLosses.Absolute(target, predictions)),
            "r2" => new DeterminationCalculator(target.ToArray(), RowLosses.Squared(target, predictions)),
            "log_loss" => new MeanCalculator(RowLosses.Log(target, predictions)),
            "accuracy" => new MeanCalculator(RowLosses.Hit(target, predictions)),
            "brier" => new MeanCalculator(RowLosses.Brier(target, predictions)),
            "f1" => new F1Calculator(target, predictions),
            _ => RankingCalculator.Create(name == "pr_auc", target, predictions),
        };
    }
}
