using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// The metrics of predictions; their definitions are told by <see cref="MetricNames"/>. Binary tasks count the positive
/// class, at the predictions' threshold where a decision is needed. Pure.
/// </summary>
public static class Metrics
{
    /// <summary>The metrics of a task that are reported of every model, the default first.</summary>
    public static ImmutableArray<string> Names(TaskKind task) =>
        task switch
        {
            TaskKind.Regression => MetricNames.Regression,
            TaskKind.Recommendation => MetricNames.Recommendation,
            _ => MetricNames.Classification,
        };

    /// <summary>All metrics of a task, those of <see cref="Names"/> first: what a model may be chosen by.</summary>
    public static ImmutableArray<string> All(TaskKind task) =>
        task switch
        {
            TaskKind.Regression => MetricNames.AllRegression,
            TaskKind.Binary => MetricNames.AllBinary,
            TaskKind.Multiclass => MetricNames.AllMulticlass,
            _ => Names(task),
        };

    /// <summary>The metric by which models are compared unless the user says otherwise: rmse, or log_loss.</summary>
    public static string Default(TaskKind task) => Names(task)[0];

    /// <summary>Whether more is better.</summary>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public static bool HigherIsBetter(string name) => MetricNames.HigherIsBetter(name);

    /// <summary>The reported metrics of the set's task that are defined for these rows (an AUC is not when all rows are
    /// of one class), and another one.</summary>
    public static IReadOnlyDictionary<string, double> Evaluate(
        TrainingSet set, Predictions predictions, string? beside = null) =>
        Evaluate(set.Target, predictions, beside is null ? default : [.. Names(predictions.Task), beside]);

    /// <summary>Those metrics of the predictions' task that are defined for these rows.</summary>
    /// <param name="target">One per row: the value, or the position of the class.</param>
    /// <param name="predictions">One row per target.</param>
    /// <param name="names">Which; the reported ones when default.</param>
    /// <exception cref="ArgumentException">There are no rows, the numbers of rows differ, or a metric does not exist or is
    /// not of the task.</exception>
    public static IReadOnlyDictionary<string, double> Evaluate(
        ReadOnlySpan<double> target, Predictions predictions, ImmutableArray<string> names = default)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var name in names.IsDefault ? Names(predictions.Task) : names)
        {
            if (Compute(name, target, predictions) is var value && !double.IsNaN(value)) values[name] = value;
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
        if (!All(predictions.Task).Contains(name))
        {
            throw new ArgumentException(
                $"There is no metric '{name}' for {predictions.Task}; "
                + $"there are {string.Join(", ", All(predictions.Task))}.",
                nameof(name));
        }

        return MetricCalculator.Create(name, target, predictions.Values, predictions.Outputs, predictions.Threshold);
    }
}
