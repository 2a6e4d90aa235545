using Gyre.Data;
using Gyre.Models;
using Gyre.Tabular;

namespace Gyre.Loop.Deployment;

/// <summary>The rows that a recommender is asked for lists by: its users, each once.</summary>
internal static class UserRows
{
    /// <summary>The column of the users.</summary>
    public static string ColumnOf(ModelScorer scorer) => scorer.Inputs.First(c => c.Name != scorer.RatedItem).Name;

    /// <summary>Reads a file's users, in the order of their first rows. The item that a rating may be asked for is not in
    /// a list's way: it is left missing.</summary>
    public static Table Read(SourceDefinition source, ModelScorer scorer, CancellationToken cancellationToken)
    {
        var user = ColumnOf(scorer);
        var rows = SourceReader.ReadAs(source, new Schema([scorer.Inputs[user]]), cancellationToken);
        var seen = new HashSet<object?>();
        rows = rows.Take([.. Enumerable.Range(0, rows.RowCount).Where(row => seen.Add(rows[user].ValueAt(row) ?? ""))]);
        return scorer.RatedItem is { } item ? rows.With(Missing(scorer.Inputs[item], rows.RowCount)) : rows;
    }

    private static Column Missing(ColumnDefinition column, int rows) => column.Type == ColumnType.Integer
        ? new Column<long>(column.Name, column.Type, new long[rows], [.. Enumerable.Repeat(true, rows)])
        : CategoricalColumn.FromValues(column.Name, column.Type, new string?[rows]);
}
