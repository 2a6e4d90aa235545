using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;
using Gyre.Training.Explanation;

namespace Gyre.Training;

/// <summary>
/// What a model predicts on average when one feature is set to a value in every row (Friedman 2001), and for single rows
/// (individual conditional expectation, Goldstein et al. 2015). Where features depend on each other, it asks the model
/// about rows that do not occur.
/// </summary>
public static class PartialDependence
{
    /// <summary>Computes the dependence on one feature.</summary>
    /// <param name="predict">The model: one row of predictions per row of a table.</param>
    /// <param name="rows">Rows as the model takes them.</param>
    /// <param name="feature">The column that is varied.</param>
    /// <param name="options">Limits.</param>
    /// <returns>The curve; null for a column of nothing but missing values, or of a type that has no values to
    /// vary.</returns>
    public static DependenceCurve? Compute(
        Func<Table, Predictions> predict, Table rows, string feature, DependenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        var column = rows[feature];
        var grid = FeatureGrid.Of(column, options.GridSize);
        if (grid is null) return null;
        var random = SeededRandom.ForStream(options.Seed, 4);
        var sample = rows.RowCount > options.Rows
            ? random.Sample(rows.RowCount, options.Rows)
            : [.. Enumerable.Range(0, rows.RowCount)];
        var order = new int[grid.Length * sample.Length];
        for (var i = 0; i < order.Length; i++) order[i] = sample[i % sample.Length];
        var varied = grid.Repeat(sample.Length);
        var predictions = predict(new Table(rows.Columns.Select(c => c.Name == feature ? varied : c.Take(order))));
        return new DependenceCurve(feature, grid.Names, grid.Positions, predictions.Outputs,
            Means(predictions, grid.Length, sample.Length),
            Singles(predictions, grid.Length, sample.Length, options.SingleRows));
    }

    private static ImmutableArray<double> Means(Predictions predictions, int points, int rows)
    {
        var outputs = predictions.Outputs;
        var means = new double[points * outputs];
        for (var i = 0; i < predictions.Values.Length; i++)
            means[(i / (rows * outputs) * outputs) + (i % outputs)] += predictions.Values[i] / rows;
        return [.. means];
    }

    private static ImmutableArray<ImmutableArray<double>> Singles(Predictions predictions, int points, int rows, int most) =>
        predictions.Outputs > 1
            ? []
            : [.. Enumerable.Range(0, Math.Min(rows, most)).Select(row =>
                Enumerable.Range(0, points).Select(p => predictions.Values[(p * rows) + row]).ToImmutableArray())];
}

/// <summary>Limits of <see cref="PartialDependence"/>.</summary>
public sealed record DependenceOptions
{
    /// <summary>The most values the feature is set to: quantiles, or the most frequent categories.</summary>
    public int GridSize { get; init; } = 20;

    /// <summary>The most rows averaged over, drawn at random.</summary>
    public int Rows { get; init; } = 200;

    /// <summary>The most rows shown singly.</summary>
    public int SingleRows { get; init; } = 30;

    /// <summary>Draws the rows.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>How predictions depend on one feature.</summary>
/// <param name="Feature">The column.</param>
/// <param name="Values">What it was set to, in words.</param>
/// <param name="Positions">The same as ascending numbers; empty for categories.</param>
/// <param name="Outputs">Numbers per prediction.</param>
/// <param name="Means">Row-major, values × outputs: the mean prediction.</param>
/// <param name="Singles">The predictions of single rows, one per value; empty for multiclass tasks.</param>
public sealed record DependenceCurve(
    string Feature, ImmutableArray<string> Values, ImmutableArray<double> Positions, int Outputs,
    ImmutableArray<double> Means, ImmutableArray<ImmutableArray<double>> Singles);
