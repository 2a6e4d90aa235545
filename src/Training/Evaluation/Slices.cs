using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// How a model does on parts of the rows: every category, every quantile bin of a number or time, and missing values, of
/// every column, used by the model or not. Pure; the same seed gives the same intervals.
/// </summary>
public static class Slices
{
    private const int MostDistinctValues = 10;
    private const int QuantileBins = 5;

    /// <summary>Measures every slice.</summary>
    /// <param name="metric">The metric, see <see cref="Metrics"/>.</param>
    /// <param name="target">One per row.</param>
    /// <param name="predictions">One row per target.</param>
    /// <param name="columns">The columns to slice by, as many rows. Ids are left out.</param>
    /// <param name="options">Limits.</param>
    /// <param name="cancellationToken">Stops between slices.</param>
    /// <returns>The slices in which the metric is defined, by how much worse than on all rows they are at least (the end
    /// of the interval next to it), the worst first.</returns>
    public static ImmutableArray<SliceResult> Compute(
        string metric, ReadOnlyMemory<double> target, Predictions predictions, Table columns, SliceOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(options);
        var overall = Metrics.Compute(metric, target.Span, predictions);
        var sign = Metrics.HigherIsBetter(metric) ? 1 : -1;
        var slices = new List<SliceResult>();
        foreach (var column in columns.Columns)
        {
            if (column.Type == ColumnType.Id) continue;
            foreach (var (name, rows) in Parts(column, options))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (rows.Length < options.MinimumRows || rows.Length == column.Length) continue;
                if (Measure(metric, target.Span, predictions, rows, options) is { } measured)
                    slices.Add(new SliceResult(column.Name, name, rows.Length, measured.Value, measured.Interval,
                        sign * (overall - measured.Value), IsWorse(measured.Interval, overall, sign)));
            }
        }

        return [.. slices.OrderByDescending(s => sign * (overall - (sign > 0 ? s.Interval.Upper : s.Interval.Lower)))];
    }

    private static bool IsWorse(ConfidenceInterval interval, double overall, int sign) =>
        sign > 0 ? interval.Upper < overall : interval.Lower > overall;

    private static MetricInterval? Measure(
        string metric, ReadOnlySpan<double> target, Predictions predictions, int[] rows, SliceOptions options)
    {
        var part = new double[rows.Length];
        for (var i = 0; i < part.Length; i++) part[i] = target[rows[i]];
        var result = Bootstrap.Interval(metric, part, predictions.Take(rows), options.Seed, options.Resamples);
        return double.IsNaN(result.Value) || double.IsNaN(result.Interval.Lower) ? null : result;
    }

    private static IEnumerable<(string Name, int[] Rows)> Parts(Column column, SliceOptions options)
    {
        var missing = Enumerable.Range(0, column.Length).Where(column.IsMissing).ToArray();
        var parts = column is CategoricalColumn categories
            ? Categories(categories, options.MaxCategories)
            : Bins(column);
        return missing.Length > 0 ? parts.Append(("missing", missing)) : parts;
    }

    private static IEnumerable<(string Name, int[] Rows)> Categories(CategoricalColumn column, int most)
    {
        var rows = new List<int>?[column.Categories.Count];
        for (var i = 0; i < column.Length; i++)
        {
            if (column.Codes[i] >= 0) (rows[column.Codes[i]] ??= []).Add(i);
        }

        return Enumerable.Range(0, rows.Length).Where(c => rows[c] is not null)
            .OrderByDescending(c => rows[c]!.Count) // null ones are filtered out above
            .ThenBy(c => column.Categories[c], StringComparer.Ordinal)
            .Take(most)
            .Select(c => (column.Categories[c], rows[c]!.ToArray())); // as above
    }

    private static IEnumerable<(string Name, int[] Rows)> Bins(Column column)
    {
        var values = new double[column.Length];
        for (var i = 0; i < values.Length; i++) values[i] = SliceNames.Number(column, i);
        var sorted = Quantiles.Sorted(values);
        if (sorted.Length == 0) return [];
        var distinct = sorted.Distinct().Take(MostDistinctValues + 1).ToArray();
        var edges = distinct.Length <= MostDistinctValues
            ? distinct
            : [.. Enumerable.Range(1, QuantileBins).Select(i => Quantiles.OfSorted(sorted, (double)i / QuantileBins)).Distinct()];
        var rows = new List<int>[edges.Length];
        for (var b = 0; b < rows.Length; b++) rows[b] = [];
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i])) continue;
            var at = Array.BinarySearch(edges, values[i]);
            rows[at < 0 ? ~at : at].Add(i);
        }

        return rows.Select((r, b) => (Name(b), r.ToArray()));

        string Name(int bin) => distinct.Length <= MostDistinctValues
            ? SliceNames.Value(column, edges[bin])
            : SliceNames.Range(column, bin == 0 ? sorted[0] : edges[bin - 1], edges[bin], isFirst: bin == 0);
    }
}

/// <summary>Limits of <see cref="Slices"/>.</summary>
public sealed record SliceOptions
{
    /// <summary>The fewest rows that a slice is measured on.</summary>
    public int MinimumRows { get; init; } = 30;

    /// <summary>The most categories of a column, the most frequent.</summary>
    public int MaxCategories { get; init; } = 20;

    /// <summary>Resamples of each interval.</summary>
    public int Resamples { get; init; } = 200;

    /// <summary>Draws the resamples.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>How a model does on a part of the rows.</summary>
/// <param name="Column">The column.</param>
/// <param name="Slice">The category, the bin such as "0.5 to 1.2", or "missing".</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Value">The metric there.</param>
/// <param name="Interval">Its 95 % bootstrap interval.</param>
/// <param name="Worse">How much worse than on all rows, in the metric's unit; negative where it is better.</param>
/// <param name="IsWorse">Whether the whole interval is worse than the value on all rows.</param>
public sealed record SliceResult(
    string Column, string Slice, int Rows, double Value, ConfidenceInterval Interval, double Worse, bool IsWorse);
