namespace Gyre.Numerics;

/// <summary>
/// A metric over fixed rows of which each counts any number of times. What does not depend on the counts (losses,
/// orders) is computed
/// once, so that a thousand resamples cost a thousand passes and no sorting. Thread-safe.
/// </summary>
public abstract class MetricCalculator
{
    private protected MetricCalculator()
    {
    }

    /// <summary>The metric when row i counts <c>counts[i]</c> times; NaN where it is not defined.</summary>
    public abstract double Value(ReadOnlySpan<int> counts);

    /// <summary>Prepares a metric over rows.</summary>
    /// <param name="name">
    /// One of <see cref="MetricNames.AllRegression"/>, <see cref="MetricNames.AllBinary"/>,
    /// <see cref="MetricNames.AllMulticlass"/> or <see cref="MetricNames.Recommendation"/>.
    /// </param>
    /// <param name="target">One per row: the value, or the position of the class from 0.</param>
    /// <param name="predicted">
    /// Row-major, rows × outputs: the value, the probability of class 1 of two, the probability of each class, or for
    /// recommendation three numbers: the value, the place of the row's item in its user's list (from 1; 0 when it is not in
    /// it) and a number that tells users apart.
    /// </param>
    /// <param name="outputs">Numbers per row: 1 for values and for two classes, 3 for recommendation, else the number of
    /// classes.</param>
    /// <param name="threshold">The probability from which on a row of two classes is called class 1.</param>
    /// <exception cref="ArgumentException">
    /// There is no such metric, there are no rows, or the numbers of rows differ.
    /// </exception>
    public static MetricCalculator Create(
        string name, ReadOnlySpan<double> target, ReadOnlySpan<double> predicted, int outputs, double threshold = 0.5)
    {
        if (target.IsEmpty || predicted.Length != (long)target.Length * outputs)
        {
            throw new ArgumentException(
                $"{target.Length} targets do not fit {predicted.Length} numbers in rows of {outputs}; "
                + "one row of predictions per target is needed, and a row.", nameof(target));
        }

        if (ListCalculator.Names.Contains(name)) return ListCalculator.Create(name, predicted);
        var predictions = new PredictedRows(predicted, outputs, threshold);
        if (name is "rmse" or "mae" && outputs > 1) predictions = predictions.First();
        return name switch
        {
            "rmse" => new MeanCalculator(RowLosses.Squared(target, predictions), Math.Sqrt),
            "mae" => new MeanCalculator(RowLosses.Absolute(target, predictions)),
            "r2" => new DeterminationCalculator(target.ToArray(), RowLosses.Squared(target, predictions)),
            "log_loss" => new MeanCalculator(RowLosses.Log(target, predictions)),
            "accuracy" => new MeanCalculator(RowLosses.Hit(target, predictions)),
            "brier" => new MeanCalculator(RowLosses.Brier(target, predictions)),
            "mape" => new MeanCalculator(RowLosses.RelativeAbsolute(target, predictions)),
            "median_absolute_error" => new OrderedCalculator(median: true, RowLosses.Absolute(target, predictions)),
            "max_error" => new OrderedCalculator(median: false, RowLosses.Absolute(target, predictions)),
            "explained_variance" =>
                new ExplainedVarianceCalculator(target.ToArray(), RowLosses.Errors(target, predictions)),
            "poisson_deviance" => new MeanCalculator(RowLosses.Poisson(target, predictions)),
            "top_3_accuracy" => new MeanCalculator(RowLosses.AmongFirst(3, target, predictions)),
            "expected_calibration_error" => new CalibrationCalculator(target, predictions),
            "pr_auc" or "roc_auc" or "ks" or "gini" => RankingCalculator.Create(name, target, predictions),
            _ => new DecisionCalculator(target, predictions, DecisionMetrics.ByName(name)
                ?? throw new ArgumentException($"There is no metric '{name}'.", nameof(name))),
        };
    }
}
