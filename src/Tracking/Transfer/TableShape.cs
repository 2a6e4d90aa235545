using System.Data.Common;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Transfer;

/// <summary>A column, as far as copying rows needs to know it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in the database's own words, lower case.</param>
/// <param name="IsNeeded">Whether a row must have a value for it: neither nullable nor with a default.</param>
/// <param name="IsGenerated">Whether the database computes it.</param>
/// <param name="IsIdentity">Whether PostgreSQL counts it by a sequence.</param>
internal sealed record ColumnShape(string Name, string Type, bool IsNeeded, bool IsGenerated, bool IsIdentity);

/// <summary>A table's columns.</summary>
internal sealed record TableShape(string Name, IReadOnlyList<ColumnShape> Columns)
{
    /// <summary>The table, or null when the database has none of that name.</summary>
    public static TableShape? Find(DbConnection connection, string table)
    {
        var columns = connection.Dialect() == SqlDialect.Sqlite
            ? connection.Query(
                """
                SELECT name, lower(type), "notnull" = 1 AND dflt_value IS NULL, hidden > 1
                FROM pragma_table_xinfo($1)
                """,
                reader => new ColumnShape(
                    reader.GetString(0), reader.GetString(1), reader.GetInt64(2) != 0, reader.GetInt64(3) != 0,
                        false), table)
            : connection.Query(
                """
                SELECT column_name, data_type, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO',
                       is_generated = 'ALWAYS', is_identity = 'YES' OR coalesce(column_default, '') LIKE 'nextval(%'
                FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1
                ORDER BY ordinal_position
                """,
                reader => new ColumnShape(
                    reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetBoolean(3),
                        reader.GetBoolean(4)),
                table);
        return columns.Count == 0 ? null : new TableShape(table, columns);
    }

    /// <summary>The names of Gyre's own tables in a database.</summary>
    public static List<string> OwnTables(DbConnection connection) => connection.Query(
        connection.Dialect() == SqlDialect.Sqlite
            ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'gyre~_%' ESCAPE '~' ORDER BY name"
            : """
              SELECT tablename FROM pg_tables
              WHERE schemaname = current_schema() AND tablename LIKE 'gyre~_%' ESCAPE '~' ORDER BY 1
              """,
        reader => reader.GetString(0));
}
