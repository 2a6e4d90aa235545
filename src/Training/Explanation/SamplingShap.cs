using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Shapley values of any model by sampled orders (Štrumbelj and Kononenko 2014): columns of a background row are replaced by
/// those of the explained row one after the other, in a random order and then in its reverse. The contributions add up
/// exactly to the prediction's distance from the mean over the background rows drawn; each is an estimate.
/// </summary>
public static class SamplingShap
{
    /// <summary>Explains a row.</summary>
    /// <param name="predict">The model: one row of predictions per row of a table.</param>
    /// <param name="rows">The explained row first, then at least one background row.</param>
    /// <param name="columns">The columns that share the contribution.</param>
    /// <param name="output">Which number of a prediction is explained.</param>
    /// <param name="pairs">Random orders, each with its reverse, at least 1.</param>
    /// <param name="seed">Draws orders and background rows.</param>
    public static ShapleyEstimate Explain(
        Func<Table, Predictions> predict, Table rows, ImmutableArray<string> columns, int output = 0, int pairs = 100,
        ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(pairs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.RowCount, 2);
        var random = SeededRandom.ForStream(seed, 9);
        var walks = new List<(int Background, int[] Order)>();
        for (var i = 0; i < pairs; i++)
        {
            var (background, order) = (1 + random.NextInt(rows.RowCount - 1), random.Permutation(columns.Length));
            walks.Add((background, order));
            walks.Add((background, [.. order.Reverse()]));
        }

        var values = predict(Steps(rows, columns, walks));
        double At(int walk, int step) => values.Values[(((walk * (columns.Length + 1)) + step) * values.Outputs) + output];
        var drawn = columns.Select(_ => new double[walks.Count]).ToArray();
        var start = 0.0;
        for (var w = 0; w < walks.Count; w++)
        {
            start += At(w, 0) / walks.Count;
            for (var s = 0; s < columns.Length; s++) drawn[walks[w].Order[s]][w] = At(w, s + 1) - At(w, s);
        }

        return new ShapleyEstimate(columns, start, At(0, columns.Length), [.. drawn.Select(d => Moments.Mean(d))],
            [.. drawn.Select(d => Moments.StandardDeviation(d) / Math.Sqrt(d.Length))]);
    }

    // Row s of a walk has the first s columns of its order from the explained row.
    private static Table Steps(Table rows, ImmutableArray<string> columns, List<(int Background, int[] Order)> walks)
    {
        var steps = columns.Length + 1;
        var places = walks.Select(w => w.Order.Select((c, place) => (c, place)).OrderBy(x => x.c).Select(x => x.place).ToArray()).ToArray();
        return new Table(rows.Columns.Select(column =>
        {
            var at = columns.IndexOf(column.Name);
            var source = new int[walks.Count * steps];
            for (var i = 0; i < source.Length; i++)
                source[i] = at >= 0 && places[i / steps][at] < i % steps ? 0 : walks[i / steps].Background;
            return column.Take(source);
        }));
    }
}

/// <summary>What each column added to one prediction.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="BaseValue">The mean prediction over the background rows drawn.</param>
/// <param name="Prediction">The prediction: base value + Σ contributions.</param>
/// <param name="Contributions">One per column.</param>
/// <param name="StandardErrors">How sure each is.</param>
public sealed record ShapleyEstimate(
    ImmutableArray<string> Columns, double BaseValue, double Prediction, ImmutableArray<double> Contributions,
    ImmutableArray<double> StandardErrors);
