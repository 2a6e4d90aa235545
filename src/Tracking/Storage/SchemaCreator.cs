using Gyre.Primitives;
using Microsoft.Data.Sqlite;

namespace Gyre.Tracking.Storage;

/// <summary>Creates MLflow's tables in an empty file and recognises them in an existing one.</summary>
internal static class SchemaCreator
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
    ];

    public static void Ensure(ConnectionSource connections, string path, TimeProvider time)
    {
        using var connection = connections.OpenWriter();
        using var transaction = connection.BeginTransaction(deferred: false);
        if (TableCount(connection) == 0) connection.Execute(ReadDdl());
        else Check(connection, path);
        AddDefaultExperiment(connection, time);
        ModuleMigrations.Apply(connection, "tracking", OwnTables, time);
        transaction.Commit();
    }

    // A count is never NULL.
    private static long TableCount(SqliteConnection connection) => (long)connection.Scalar(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'")!;

    private static void Check(SqliteConnection connection, string path)
    {
        if (connection.Scalar("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'") is null)
            throw GyreException.Invalid($"{path}: the database holds tables that are neither Gyre's nor MLflow's.");
        var revision = connection.Scalar("SELECT version_num FROM alembic_version") as string;
        if (revision != Revision)
        {
            throw GyreException.Invalid(
                $"{path}: the database has MLflow's schema revision '{revision}'; this version of Gyre needs '{Revision}'.");
        }
    }

    private static void AddDefaultExperiment(SqliteConnection connection, TimeProvider time) => connection.Execute(
        """
        INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
        SELECT 0, 'Default', $1, 'active', $2, $2
        WHERE NOT EXISTS (SELECT 1 FROM experiments WHERE experiment_id = 0 OR name = 'Default')
        """,
        DefaultArtifactRoot + "0", time.Milliseconds());

    private static string ReadDdl()
    {
        // The resource is embedded by the project file.
        using var stream = typeof(SchemaCreator).Assembly.GetManifestResourceStream("MlflowSchema.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
