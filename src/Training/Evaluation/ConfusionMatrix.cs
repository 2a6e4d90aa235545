using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>How often each class was called what.</summary>
/// <param name="Classes">The classes in output order.</param>
/// <param name="Counts">Row-major, actual × predicted.</param>
public sealed record ConfusionMatrix(ImmutableArray<string> Classes, ImmutableArray<long> Counts)
{
    /// <summary>How many rows of one class were called another (or the same).</summary>
    public long this[int actual, int predicted] => Counts[(actual * Classes.Length) + predicted];

    /// <summary>How many rows are of a class.</summary>
    public long Actual(int actual) => Enumerable.Range(0, Classes.Length).Sum(k => this[actual, k]);

    /// <summary>How many rows were called a class.</summary>
    public long Predicted(int predicted) => Enumerable.Range(0, Classes.Length).Sum(k => this[k, predicted]);

    /// <summary>The most frequent confusions: actual, predicted, rows.</summary>
    public IEnumerable<(int Actual, int Predicted, long Rows)> Worst() =>
        Enumerable.Range(0, Counts.Length)
            .Select(i => (Actual: i / Classes.Length, Predicted: i % Classes.Length, Rows: Counts[i]))
            .Where(c => c.Actual != c.Predicted && c.Rows > 0)
            .OrderByDescending(c => c.Rows);

    /// <summary>Counts the rows.</summary>
    /// <param name="target">One per row: the position of the class.</param>
    /// <param name="predictions">One row per target; <see cref="Predictions.ClassAt"/> decides.</param>
    /// <param name="classes">The classes in output order.</param>
    public static ConfusionMatrix Of(ReadOnlySpan<double> target, Predictions predictions, ImmutableArray<string> classes)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        if (!predictions.Task.HasClasses())
            throw new ArgumentException("Only classifications have classes.", nameof(predictions));
        var counts = new long[classes.Length * classes.Length];
        for (var i = 0; i < target.Length; i++) counts[((int)target[i] * classes.Length) + predictions.ClassAt(i)]++;
        return new ConfusionMatrix(classes, [.. counts]);
    }
}
