using Gyre.DuckDb;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Sql;

/// <summary>What becomes of one column of an answer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it becomes.</param>
/// <param name="Cast">The SQL type to cast to first, or null when its reader takes it as it is.</param>
internal sealed record ColumnPlan(string Name, ColumnType Type, string? Cast)
{
    /// <summary>The size of an Image column's images.</summary>
    public ImageShape? Image { get; init; }

    public static ColumnPlan[] Of(IReadOnlyList<DuckDbColumn> columns, Schema? types)
    {
        var repeated = columns.GroupBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (repeated is not null) throw GyreException.Invalid($"SQL: two columns are named '{repeated.Key}'.");
        return [.. columns.Select(column =>
        {
            var given = types is not null && types.TryGet(column.Name, out var found) ? found : null;
            var type = given?.Type ?? Natural(column.Type);
            return new ColumnPlan(column.Name, type, IsReadable(column.Type, type) ? null : SqlTypes.Of(type))
            {
                Image = given?.Image,
            };
        })];
    }

    /// <summary>The query with the casts around it; its order stays.</summary>
    public static string Wrap(string sql, ColumnPlan[] plan)
    {
        var columns = plan.Select(column => column.Cast is null
            ? SqlText.Name(column.Name)
            : $"CAST({SqlText.Name(column.Name)} AS {column.Cast}) AS {SqlText.Name(column.Name)}");
        return $"SELECT {string.Join(", ", columns)} FROM ({sql.TrimEnd().TrimEnd(';')}\n) AS answer";
    }

    private static ColumnType Natural(DuckDbType type) => type switch
    {
        DuckDbType.Boolean => ColumnType.Boolean,
        >= DuckDbType.TinyInt and <= DuckDbType.UBigInt or DuckDbType.HugeInt or DuckDbType.UHugeInt => ColumnType.Integer,
        DuckDbType.Float or DuckDbType.Double or DuckDbType.Decimal => ColumnType.Numeric,
        DuckDbType.Timestamp or DuckDbType.Date or DuckDbType.TimestampTz or DuckDbType.TimestampSeconds
            or DuckDbType.TimestampMilliseconds or DuckDbType.TimestampNanoseconds => ColumnType.Timestamp,
        _ => ColumnType.Categorical,
    };

    private static bool IsReadable(DuckDbType from, ColumnType to) => to switch
    {
        ColumnType.Numeric => from is DuckDbType.Float or DuckDbType.Double
            or (>= DuckDbType.TinyInt and <= DuckDbType.UBigInt),
        ColumnType.Integer => from is >= DuckDbType.TinyInt and <= DuckDbType.UInteger,
        ColumnType.Boolean => from is DuckDbType.Boolean,
        ColumnType.Timestamp => from is DuckDbType.Timestamp or DuckDbType.TimestampTz,
        ColumnType.Image => from is DuckDbType.Blob,
        _ => from is DuckDbType.Varchar,
    };
}
