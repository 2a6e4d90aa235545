using System.Data.Common;
using System.Text.RegularExpressions;
using Gyre.Primitives;
using Gyre.Tracking.Transfer;

namespace Gyre.Tracking.Storage;

/// <summary>Creates MLflow's tables in an empty database and recognises them in an existing one.</summary>
internal static partial class SchemaCreator
{
    /// <summary>The alembic revision whose tables this program knows.</summary>
    public const string Revision = "7d34483879f0";

    /// <summary>
    /// Where artifacts of new experiments go: below the artifact root, so that a workspace can be moved.
    /// </summary>
    public const string DefaultArtifactRoot = "mlflow-artifacts:/";

    private static readonly Migration[] OwnTables =
    [
        new(1, """
            CREATE TABLE gyre_alias_history (
              id INTEGER PRIMARY KEY,
              model TEXT NOT NULL,
              alias TEXT NOT NULL,
              kind TEXT NOT NULL CHECK (kind IN ('set', 'rollback', 'remove')),
              from_version INTEGER,
              to_version INTEGER,
              at INTEGER NOT NULL,
              reason TEXT NOT NULL
            );
            CREATE INDEX gyre_alias_history_model ON gyre_alias_history (model, alias, id);
            """),
        // Addresses of artifacts whose rows are gone and whose files are still to go.
        new(2, "CREATE TABLE gyre_artifact_removals (uri TEXT PRIMARY KEY, at INTEGER NOT NULL)"),
        // Searches by a metric's value and by start need them; MLflow neither reads nor minds them.
        new(3, """
            CREATE INDEX IF NOT EXISTS gyre_latest_metrics_value ON latest_metrics (key, is_nan, value, run_uuid);
            CREATE INDEX IF NOT EXISTS gyre_runs_start ON runs (experiment_id, lifecycle_stage, start_time, run_uuid);
            """),
    ];

    public static void Ensure(ConnectionSource connections, string path, TimeProvider time)
    {
        // Looked at before a writer is opened, which changes the file's journal: what is refused stays as it is.
        using (var reader = connections.OpenSingleReader())
            if (HasTables(reader)) Check(reader, path);
        using var connection = connections.OpenWriter();
        using var transaction = connection.BeginTransaction(deferred: false);
        Ensure(connection, path, time);
        transaction.Commit();
    }

    public static void Ensure(PostgresSource connections, TimeProvider time)
    {
        using var connection = connections.OpenWriter();
        using var transaction = connection.BeginTransaction();
        SchemaLock.Take(connection);
        Ensure(connection, connections.Address.ToString(), time);
        transaction.Commit();
    }

    /// <summary>MLflow's tables as DDL of a database, the row that names their revision included.</summary>
    public static string ReadDdl(SqlDialect dialect)
    {
        var name = dialect == SqlDialect.Sqlite ? "MlflowSchema.sql" : "MlflowSchema.postgres.sql";
        // The project file embeds it.
        using var stream = typeof(SchemaCreator).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static void Ensure(DbConnection connection, string where, TimeProvider time)
    {
        if (!HasTables(connection)) connection.Execute(ReadDdl(connection.Dialect()));
        else Check(connection, where);
        AddDefaultExperiment(connection, time);
        ModuleMigrations.Apply(connection, "tracking", OwnTables, time);
    }

    /// <summary>Makes all tables in an empty database, with no row but the revision's.</summary>
    public static void CreateTables(DbConnection connection, TimeProvider time)
    {
        connection.Execute(ReadDdl(connection.Dialect()));
        ModuleMigrations.Apply(connection, "tracking", OwnTables, time);
    }

    /// <summary>Whether the database holds any table.</summary>
    public static bool HasTables(DbConnection connection) => connection.Scalar(
        connection.Dialect() == SqlDialect.Sqlite
            ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' LIMIT 1"
            : "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1") is not null;

    private static void Check(DbConnection connection, string where)
    {
        if (!connection.HasTable("alembic_version"))
            throw GyreException.Invalid($"{where}: the database holds tables that are neither Gyre's nor MLflow's.");
        var revision = connection.Scalar("SELECT version_num FROM alembic_version") as string;
        if (revision != Revision) throw MlflowRevisions.Refuse(where, revision);
        foreach (var table in TableNames)
        {
            if (!connection.HasTable(table))
                throw GyreException.Invalid($"{where}: MLflow's table '{table}' is missing; the database is damaged.");
        }
    }

    /// <summary>MLflow's tables, each after those that its foreign keys name.</summary>
    public static IReadOnlyList<string> TableNames =>
        [.. Tables().Matches(ReadDdl(SqlDialect.Postgres)).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("^CREATE TABLE \"(\\w+)\"", RegexOptions.Multiline)]
    private static partial Regex Tables();

    private static void AddDefaultExperiment(DbConnection connection, TimeProvider time) => connection.Execute(
        """
        INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time,
                                 last_update_time)
        SELECT 0, 'Default', $1, 'active', $2, $2
        WHERE NOT EXISTS (SELECT 1 FROM experiments WHERE experiment_id = 0 OR name = 'Default')
        """,
        DefaultArtifactRoot + "0", time.Milliseconds());
}
