using Gyre.Data.Sources;
using Gyre.Data.Sql;

namespace Gyre.Data.Contracts;

/// <summary>A snapshot's rows with their number and the values that did not fit, as SQL.</summary>
internal static class CheckedRows
{
    /// <summary>The row's number, from 1.</summary>
    public const string Row = "\"gyre row\"";

    /// <summary>The columns whose value did not fit its type; NULL when all did.</summary>
    public const string RejectedColumns = "\"gyre rejected\"";

    /// <summary>The texts of those values.</summary>
    public const string RejectedTexts = "\"gyre texts\"";

    /// <summary>The rows with the named columns: a wide snapshot is costly to plan as a whole.</summary>
    public static string Sql(Snapshot snapshot, IEnumerable<string> columns)
    {
        var names = string.Concat(columns.Distinct(StringComparer.Ordinal).Select(name => $", {SqlText.Name(name)}"));
        var rows = $"""
            SELECT file_row_number + 1 AS {Row}{names}
            FROM read_parquet({SqlText.Literal(SourceFiles.Escape(snapshot.Path))}, file_row_number=true)
            """;
        if (snapshot.RejectsPath is not { } rejects)
            return $"SELECT *, NULL::VARCHAR[] AS {RejectedColumns}, NULL::VARCHAR[] AS {RejectedTexts} FROM ({rows})";
        return $"""
            SELECT rows.*, rejects.columns AS {RejectedColumns}, rejects.texts AS {RejectedTexts} FROM ({rows}) AS rows
            LEFT JOIN (SELECT row, list("column") AS columns, list("text") AS texts
                       FROM read_parquet({SqlText.Literal(SourceFiles.Escape(rejects))}) GROUP BY row) AS rejects
            ON rejects.row = rows.{Row}
            """;
    }
}
