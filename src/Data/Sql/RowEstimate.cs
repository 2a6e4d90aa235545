using System.Globalization;
using System.Text.RegularExpressions;
using Gyre.DuckDb;

namespace Gyre.Data.Sql;

/// <summary>
/// How many rows the engine expects of a query: exact for a plain scan of Parquet, whose footer says it. Arrays of that
/// size from the start save a large answer from being copied while it grows.
/// </summary>
internal static partial class RowEstimate
{
    // An estimate above this is more likely a wrong one of a join than worth the address space.
    private const int Most = 1 << 25;

    // Planning twice costs more than it saves where there are many columns.
    private const int MostColumns = 200;

    /// <summary>The estimate, or 0 where there is none.</summary>
    public static int Of(DuckDbConnection connection, string sql, int columns)
    {
        if (columns > MostColumns) return 0;
        using var stream = connection.Stream($"EXPLAIN (FORMAT json) {sql}");
        using var chunk = stream.Next();
        if (chunk is not { RowCount: > 0 }) return 0;
        var plan = chunk.Vector(1).Values<DuckDbString>()[0].ToString();
        var found = Cardinality().Match(plan);
        return found.Success && int.TryParse(found.Groups[1].Value, CultureInfo.InvariantCulture, out var rows) && rows <= Most
            ? rows : 0;
    }

    // The outermost operator that has an estimate comes last in the text, but any will do: it is only a hint.
    [GeneratedRegex("\"Estimated Cardinality\": \"(\\d+)\"", RegexOptions.RightToLeft)]
    private static partial Regex Cardinality();
}
