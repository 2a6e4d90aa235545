using System.Data.Common;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Transfer;

/// <summary>
/// Definitions of Gyre's own tables, read from one database and written for another. The modules that own them keep
/// their migrations to themselves, and have run them already where the rows come from.
/// </summary>
internal static class OwnTableDdl
{
    public static IEnumerable<string> Of(DbConnection source, string table, SqlDialect target) =>
        source.Dialect() == SqlDialect.Sqlite ? OfSqlite(source, table, target) : OfPostgres(source, table, target);

    private static IEnumerable<string> OfSqlite(DbConnection source, string table, SqlDialect target) => source.Query(
        "SELECT sql FROM sqlite_master WHERE tbl_name = $1 AND sql IS NOT NULL ORDER BY type = 'table' DESC, name",
        reader => PortableDdl.For(target, reader.GetString(0)), table);

    private static List<string> OfPostgres(DbConnection source, string table, SqlDialect target)
    {
        var shape = TableShape.Find(source, table) ?? throw new ArgumentException($"There is no table '{table}'.",
            nameof(table));
        var key = source.Query(
            """
            SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
            WHERE i.indrelid = to_regclass(quote_ident($1)) AND i.indisprimary
            ORDER BY array_position(i.indkey::int2[], a.attnum)
            """,
            reader => reader.GetString(0), table);
        var counted = shape.Columns.FirstOrDefault(column => column.IsIdentity);
        var parts = shape.Columns.Select(column => column == counted
            ? $"{Quoted(column.Name)} INTEGER PRIMARY KEY"
            : $"{Quoted(column.Name)} {SqliteType(column.Type)}{(column.IsNeeded ? " NOT NULL" : "")}").ToList();
        if (counted is null && key.Count > 0) parts.Add($"PRIMARY KEY ({string.Join(", ", key.Select(Quoted))})");
        var indexes = source.Query(
            """
            SELECT x.relname,
                   (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY array_position(i.indkey::int2[], a.attnum))
                    FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)),
                   i.indisunique
            FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
            WHERE i.indrelid = to_regclass(quote_ident($1)) AND NOT i.indisprimary AND i.indpred IS NULL
              AND i.indexprs IS NULL
            """,
            reader => $"CREATE {(reader.GetBoolean(2) ? "UNIQUE " : "")}INDEX {Quoted(reader.GetString(0))} "
                + $"ON {Quoted(table)} ({reader.GetString(1)})",
            table);
        return [PortableDdl.For(target, $"CREATE TABLE {Quoted(table)} ({string.Join(", ", parts)})"), .. indexes];
    }

    private static string Quoted(string name) => $"\"{name}\"";

    private static string SqliteType(string type) => type switch
    {
        "bigint" or "integer" or "smallint" or "boolean" => "INTEGER",
        "double precision" or "real" => "REAL",
        "bytea" => "BLOB",
        _ => "TEXT",
    };
}
