using System.Data.Common;

namespace Gyre.Tracking.Storage;

/// <summary>Runs the migrations of one module inside the caller's transaction.</summary>
internal static class ModuleMigrations
{
    /// <summary>What was migrated, and the definitions that are not tables.</summary>
    public static readonly string[] Tables = ["gyre_schema_version", "gyre_definitions"];

    public static void Apply(
        DbConnection connection, string module, IReadOnlyList<Migration> migrations, TimeProvider time)
    {
        var dialect = connection.Dialect();
        if (dialect == SqlDialect.Postgres) SchemaLock.Take(connection);
        connection.Execute(PortableDdl.For(dialect,
            """
            CREATE TABLE IF NOT EXISTS gyre_schema_version (
              module TEXT NOT NULL, number INTEGER NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (module, number)
            ) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS gyre_definitions (
              module TEXT NOT NULL, number INTEGER NOT NULL, about TEXT NOT NULL, sqlite TEXT NOT NULL,
              postgres TEXT NOT NULL,
              PRIMARY KEY (module, number)
            ) WITHOUT ROWID
            """));
        var reached = (long)connection.Scalar(
            "SELECT coalesce(max(number), 0) FROM gyre_schema_version WHERE module = $1", module)!; // never NULL
        foreach (var migration in migrations.Where(migration => migration.Number > reached))
        {
            connection.Execute(PortableDdl.For(dialect, migration.Sql));
            migration.Move?.Invoke(connection);
            if (migration.Definition is { } definition) Define(connection, module, migration.Number, definition);
            connection.Execute("INSERT INTO gyre_schema_version (module, number, applied_at) VALUES ($1, $2, $3)",
                module, migration.Number, time.Milliseconds());
        }
    }

    /// <summary>Makes what <c>gyre_definitions</c> names, in a database whose rows were copied.</summary>
    public static void Define(DbConnection connection)
    {
        var column = connection.Dialect() == SqlDialect.Sqlite ? "sqlite" : "postgres";
        foreach (var (table, sql) in connection.Query(
            $"SELECT about, {column} FROM gyre_definitions ORDER BY module, number",
            reader => (reader.GetString(0), reader.GetString(1))))
        {
            if (connection.HasTable(table)) connection.Execute(sql);
        }
    }

    private static void Define(DbConnection connection, string module, int number, DialectDefinition definition)
    {
        connection.Execute(connection.Dialect() == SqlDialect.Sqlite ? definition.Sqlite : definition.Postgres);
        connection.Execute(
            "INSERT INTO gyre_definitions (module, number, about, sqlite, postgres) VALUES ($1, $2, $3, $4, $5)",
            module, number, definition.Table, definition.Sqlite, definition.Postgres);
    }
}
