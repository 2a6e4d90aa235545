using System.Data.Common;

namespace Gyre.Tracking.Storage;

/// <summary>Runs the migrations of one module inside the caller's transaction.</summary>
internal static class ModuleMigrations
{
    public static void Apply(
        DbConnection connection, string module, IReadOnlyList<Migration> migrations, TimeProvider time)
    {
        var dialect = connection.Dialect();
        if (dialect == SqlDialect.Postgres) SchemaLock.Take(connection);
        connection.Execute(PortableDdl.For(dialect,
            """
            CREATE TABLE IF NOT EXISTS gyre_schema_version (
              module TEXT NOT NULL, number INTEGER NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (module, number)
            ) WITHOUT ROWID
            """));
        var reached = (long)connection.Scalar(
            "SELECT coalesce(max(number), 0) FROM gyre_schema_version WHERE module = $1", module)!; // never NULL
        foreach (var migration in migrations.Where(migration => migration.Number > reached))
        {
            connection.Execute(PortableDdl.For(dialect, migration.Sql));
            connection.Execute("INSERT INTO gyre_schema_version (module, number, applied_at) VALUES ($1, $2, $3)",
                module, migration.Number, time.Milliseconds());
        }
    }
}
