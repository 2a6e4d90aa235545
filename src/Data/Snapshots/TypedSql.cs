using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.Tabular;

namespace Gyre.Data.Snapshots;

/// <summary>
/// SQL that gives a source's column the type a schema states. A value that does not fit becomes NULL; so do the usual
/// words for "missing" where a number, a truth value or a time is expected.
/// </summary>
internal static class TypedSql
{
    // A list, not IN (…): the engine plans a longer IN as a join, hundreds of which take it minutes.
    private const string MissingWords = "['', 'na', 'n/a', 'nan', 'null', 'none', 'nil', '?', '-', '.', '#n/a']";

    /// <summary>The column as the type; NULL where missing or where the value does not fit.</summary>
    public static string Value(SourceColumn column, ColumnType type)
    {
        var name = SqlText.Name(column.Name);
        return type switch
        {
            ColumnType.Numeric => IsNumber(column.SqlType) ? Finite($"CAST({name} AS DOUBLE)") : Finite($"TRY_CAST({Text(column)} AS DOUBLE)"),
            ColumnType.Integer => Whole(column, name),
            ColumnType.Boolean => column.SqlType == "BOOLEAN" ? name : $"TRY_CAST({Text(column)} AS BOOLEAN)",
            ColumnType.Timestamp => IsTime(column.SqlType) ? $"CAST({name} AS TIMESTAMP)" : $"TRY_CAST({Text(column)} AS TIMESTAMPTZ)::TIMESTAMP",
            ColumnType.Image => column.SqlType == Sources.ImageRelation.Blob ? name : "NULL::BLOB",
            _ => Text(column),
        };
    }

    /// <summary>True where the source has something that is not missing but does not fit the type.</summary>
    public static string DoesNotFit(SourceColumn column, ColumnType type) =>
        $"({Present(column)} AND ({Value(column, type)}) IS NULL)";

    /// <summary>True where the source has a value, words for "missing" aside.</summary>
    public static string Present(SourceColumn column)
    {
        var name = SqlText.Name(column.Name);
        return column.SqlType switch
        {
            SourceColumn.Text => $"({name} IS NOT NULL AND NOT list_contains({MissingWords}, lower(trim({name}))))",
            "DOUBLE" or "FLOAT" => $"({name} IS NOT NULL AND NOT isnan({name}))",
            _ => $"({name} IS NOT NULL)",
        };
    }

    /// <summary>Whether any value of the source's type fits, so that no row needs a look.</summary>
    public static bool AlwaysFits(SourceColumn column, ColumnType type) => type switch
    {
        ColumnType.Categorical or ColumnType.Text or ColumnType.Id => true,
        ColumnType.Numeric => IsNumber(column.SqlType) && column.SqlType is not ("DOUBLE" or "FLOAT"),
        ColumnType.Integer => IsWhole(column.SqlType),
        ColumnType.Boolean => column.SqlType == "BOOLEAN",
        ColumnType.Image => column.SqlType == Sources.ImageRelation.Blob,
        _ => IsTime(column.SqlType),
    };

    /// <summary>The column as text.</summary>
    public static string Text(SourceColumn column) => column.SqlType == SourceColumn.Text
        ? SqlText.Name(column.Name)
        : $"CAST({SqlText.Name(column.Name)} AS VARCHAR)";

    // 0.5 would be rounded by a cast to BIGINT, hence the comparison; both sides round alike beyond 2^53.
    private static string Whole(SourceColumn column, string name)
    {
        if (IsWhole(column.SqlType)) return $"CAST({name} AS BIGINT)";
        var source = IsNumber(column.SqlType) ? name : Text(column);
        return $"CASE WHEN TRY_CAST({source} AS DOUBLE) = TRY_CAST({source} AS BIGINT) THEN TRY_CAST({source} AS BIGINT) END";
    }

    private static string Finite(string number) => $"CASE WHEN isfinite({number}) THEN {number} END";

    private static bool IsWhole(string sqlType) =>
        sqlType is "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER";

    private static bool IsNumber(string sqlType) =>
        IsWhole(sqlType) || sqlType is "DOUBLE" or "FLOAT" or "UBIGINT" or "HUGEINT" or "UHUGEINT"
        || sqlType.StartsWith("DECIMAL", StringComparison.Ordinal);

    private static bool IsTime(string sqlType) =>
        sqlType is "DATE" || sqlType.StartsWith("TIMESTAMP", StringComparison.Ordinal);
}
