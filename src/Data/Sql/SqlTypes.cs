using Gyre.DuckDb;
using Gyre.Tabular;

namespace Gyre.Data.Sql;

/// <summary>The engine's types for ours.</summary>
internal static class SqlTypes
{
    public static string Of(ColumnType type) => type switch
    {
        ColumnType.Numeric => "DOUBLE",
        ColumnType.Integer => "BIGINT",
        ColumnType.Boolean => "BOOLEAN",
        ColumnType.Timestamp => "TIMESTAMP",
        ColumnType.Image => "BLOB",
        _ => "VARCHAR",
    };

    public static DuckDbType NativeOf(ColumnType type) => type switch
    {
        ColumnType.Numeric => DuckDbType.Double,
        ColumnType.Integer => DuckDbType.BigInt,
        ColumnType.Boolean => DuckDbType.Boolean,
        ColumnType.Timestamp => DuckDbType.Timestamp,
        ColumnType.Image => DuckDbType.Blob,
        _ => DuckDbType.Varchar,
    };
}
