using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// The metrics: <c>rmse</c>, <c>mae</c>, <c>r2</c> for regression; <c>log_loss</c>, <c>roc_auc</c>, <c>pr_auc</c>
/// (average precision), <c>f1</c>, <c>accuracy</c>, <c>brier</c> for classification. Binary tasks count the positive
/// class, at 0.5 where a decision is needed. Multiclass: <c>f1</c> is the unweighted mean over the classes that occur
/// among targets or predictions; <c>roc_auc</c> and <c>pr_auc</c> the unweighted mean of one class against the rest,
/// over the classes that occur; <c>brier</c> the mean over rows of the squared distances summed over classes.
/// Definitions are scikit-learn's. Pure.
/// </summary>
public static class Metrics
{
    /// <summary>The metrics of a task, the default first.</summary>
    public static ImmutableArray<string> Names(TaskKind task) =>
        task switch
        {
            TaskKind.Regression => MetricNames.Regression,
            TaskKind.Recommendation => MetricNames.Recommendation,
            _ => MetricNames.Classification,
        };

    /// <summary>The metric by which models are compared unless the user says otherwise: rmse, or log_loss.</summary>
    public static string Default(TaskKind task) => Names(task)[0];

    /// <summary>Whether more is better.</summary>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public static bool HigherIsBetter(string name) => MetricNames.HigherIsBetter(name);

    /// <summary>All metrics of the set's task that are defined for these rows (an AUC is not when all rows are of one
    /// class).</summary>
    public static IReadOnlyDictionary<string, double> Evaluate(TrainingSet set, Predictions predictions) =>
        Evaluate(set.Target, predictions);

    /// <summary>All metrics of the predictions' task that are defined for these rows.</summary>
    /// <param name="target">One per row: the value, or the position of the class.</param>
    /// <param name="predictions">One row per target.</param>
    /// <exception cref="ArgumentException">There are no rows, or the numbers of rows differ.</exception>
    public static IReadOnlyDictionary<string, double> Evaluate(ReadOnlySpan<double> target, Predictions predictions)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var name in Names(predictions.Task))
        {
            if (Compute(name, target, predictions) is var value && !double.IsNaN(value)) values.Add(name, value);
        }

        return values.ToImmutable();
    }

    /// <summary>One metric; NaN where it is not defined for these rows.</summary>
    /// <exception cref="ArgumentException">
    /// The metric does not exist or is not of the task, there are no rows, or the numbers of rows differ.
    /// </exception>
    public static double Compute(string name, ReadOnlySpan<double> target, Predictions predictions)
    {
        var once = new int[predictions.Rows];
        once.AsSpan().Fill(1);
        return Calculator(name, target, predictions).Value(once);
    }

    internal static MetricCalculator Calculator(string name, ReadOnlySpan<double> target, Predictions predictions)
    {
        if (!Names(predictions.Task).Contains(name))
        {
            throw new ArgumentException(
                $"There is no metric '{name}' for {predictions.Task}; "
                + $"there are {string.Join(", ", Names(predictions.Task))}.",
                nameof(name));
        }

        return MetricCalculator.Create(name, target, predictions.Values, predictions.Outputs, predictions.Threshold);
    }
}
