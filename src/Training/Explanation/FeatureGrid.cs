using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training.Explanation;

/// <summary>The values that a feature is set to.</summary>
internal sealed class FeatureGrid
{
    private readonly Column _column;
    private readonly double[] _values;

    private FeatureGrid(Column column, double[] values, ImmutableArray<string> names, ImmutableArray<double> positions) =>
        (_column, _values, Names, Positions) = (column, values, names, positions);

    public int Length => _values.Length;

    public ImmutableArray<string> Names { get; }

    public ImmutableArray<double> Positions { get; }

    /// <summary>The quantiles of a number, both values of a flag, the most frequent categories.</summary>
    public static FeatureGrid? Of(Column column, int size) => column switch
    {
        CategoricalColumn { Type: ColumnType.Categorical } categories => OfCategories(categories, size),
        CategoricalColumn => null,
        _ => OfNumbers(column, size),
    };

    /// <summary>A column of each value so many times, one after the other.</summary>
    public Column Repeat(int times)
    {
        var rows = _values.Length * times;
        switch (_column)
        {
            case CategoricalColumn categories:
                return new CategoricalColumn(_column.Name, _column.Type, Fill(v => (int)v), [.. categories.Categories]);
            case Column<bool>:
                return new Column<bool>(_column.Name, _column.Type, Fill(v => v != 0));
            case Column<long>:
                return new Column<long>(_column.Name, _column.Type, Fill(v => (long)v));
            default:
                return new Column<double>(_column.Name, _column.Type, Fill(v => v));
        }

        T[] Fill<T>(Func<double, T> value)
        {
            var filled = new T[rows];
            for (var i = 0; i < rows; i++) filled[i] = value(_values[i / times]);
            return filled;
        }
    }

    private static FeatureGrid? OfNumbers(Column column, int size)
    {
        var values = new double[column.Length];
        for (var i = 0; i < values.Length; i++) values[i] = SliceNames.Number(column, i);
        var sorted = Quantiles.Sorted(values);
        if (sorted.Length == 0) return null;
        var distinct = sorted.Distinct().Take(size + 1).ToArray();
        // Between the 1st and 99th percentile: beyond them a curve tells of single rows.
        var grid = distinct.Length <= size
            ? distinct
            : [.. Enumerable.Range(0, size).Select(i => Quantiles.OfSorted(sorted, 0.01 + (0.98 * i / (size - 1))))
                .Select(v => column is Column<long> ? Math.Round(v) : v).Distinct()];
        return new FeatureGrid(column, grid, [.. grid.Select(v => SliceNames.Value(column, v))], [.. grid]);
    }

    private static FeatureGrid? OfCategories(CategoricalColumn column, int size)
    {
        var names = FeatureEncoding.ChooseCategories(column, size);
        if (names.Length == 0) return null;
        var codes = names.Select(name => (double)column.Categories.ToList().IndexOf(name)).ToArray();
        return new FeatureGrid(column, codes, [.. names], []);
    }
}
