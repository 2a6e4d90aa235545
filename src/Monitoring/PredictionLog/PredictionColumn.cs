using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>
/// Gives predictions the form in which their distribution is profiled, the same at training and later.
/// </summary>
public static class PredictionColumn
{
    /// <summary>The column's name.</summary>
    public const string Name = "prediction";

    /// <summary>
    /// A column of predictions: the value (regression; of recommendation the predicted rating, or the score of the first
    /// item), the probability of the positive class (binary), or the class of the
    /// highest probability (multiclass; the first wins a tie).
    /// </summary>
    /// <param name="task">What is predicted.</param>
    /// <param name="classes">The classes in the model's order; empty for regression.</param>
    /// <param name="values">
    /// Row-major, rows × outputs: one number a row for regression and binary tasks, a probability per class otherwise.
    /// </param>
    /// <exception cref="ArgumentException">The length is not a multiple of the classes.</exception>
    public static Column Create(TaskKind task, IReadOnlyList<string> classes, ReadOnlySpan<double> values)
    {
        if (task == TaskKind.Recommendation) return new Column<double>(Name, ColumnType.Numeric, Firsts(values));
        if (task != TaskKind.Multiclass) return new Column<double>(Name, ColumnType.Numeric, values.ToArray());
        if (classes.Count == 0 || values.Length % classes.Count != 0)
        {
            throw new ArgumentException(
                $"{values.Length} numbers do not make rows of {classes.Count} classes.", nameof(values));
        }

        var codes = new int[values.Length / classes.Count];
        for (var row = 0; row < codes.Length; row++)
            codes[row] = Highest(values.Slice(row * classes.Count, classes.Count));
        return new CategoricalColumn(Name, ColumnType.Categorical, codes, [.. classes]);
    }

    /// <summary>Of a recommender's three numbers a row the value.</summary>
    private static double[] Firsts(ReadOnlySpan<double> values)
    {
        var firsts = new double[values.Length / TaskKinds.RecommendationOutputs];
        for (var row = 0; row < firsts.Length; row++) firsts[row] = values[row * TaskKinds.RecommendationOutputs];
        return firsts;
    }

    private static int Highest(ReadOnlySpan<double> probabilities)
    {
        var best = CategoricalColumn.MissingCode;
        for (var i = 0; i < probabilities.Length; i++)
        {
            if (!double.IsNaN(probabilities[i]) && (best < 0 || probabilities[i] > probabilities[best])) best = i;
        }

        return best;
    }
}
