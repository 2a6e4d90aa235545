using Gyre.Tabular;

namespace Gyre.Loop.Reports;

/// <summary>Puts the rows of two tables of the same columns one after the other.</summary>
internal static class JoinedRows
{
    public static Table Of(Table first, Table second) =>
        new(first.Columns.Select(column => Join(column, second[column.Name])));

    private static Column Join(Column a, Column b) => (a, b) switch
    {
        (Column<double> x, Column<double> y) => new Column<double>(a.Name, a.Type, [.. x.Values, .. y.Values]),
        (Column<long> x, Column<long> y) => new Column<long>(a.Name, a.Type, [.. x.Values, .. y.Values], Missing(a, b)),
        (Column<bool> x, Column<bool> y) => new Column<bool>(a.Name, a.Type, [.. x.Values, .. y.Values], Missing(a, b)),
        (CategoricalColumn x, CategoricalColumn y) => CategoricalColumn.FromValues(a.Name, a.Type,
            Enumerable.Range(0, x.Length).Select(x.StringAt).Concat(Enumerable.Range(0, y.Length).Select(y.StringAt))),
        _ => throw new ArgumentException($"Rows of {a.Type} columns cannot be joined.", nameof(a)),
    };

    private static bool[] Missing(Column a, Column b) =>
        [.. Enumerable.Range(0, a.Length).Select(a.IsMissing), .. Enumerable.Range(0, b.Length).Select(b.IsMissing)];
}
