using Gyre.Primitives;
using Microsoft.Data.Sqlite;

namespace Gyre.Tracking.Storage;

/// <summary>The table <c>experiments</c>.</summary>
internal static class ExperimentRows
{
    private const string Select = """
        SELECT experiment_id, name, coalesce(artifact_location, ''), creation_time
        FROM experiments WHERE lifecycle_stage = 'active'
        """;

    public static Experiment GetOrCreate(SqliteConnection connection, string name, long now)
    {
        if (Find(connection, name) is { } existing) return existing;
        if (connection.Scalar("SELECT 1 FROM experiments WHERE name = $1 AND workspace = 'default'", name) is not null)
            throw new GyreException(ErrorCode.Conflict, $"The experiment '{name}' is deleted.");
        var id = (long)connection.Scalar(
            """
            INSERT INTO experiments (name, lifecycle_stage, creation_time, last_update_time)
            VALUES ($1, 'active', $2, $2) RETURNING experiment_id
            """,
            name, now)!; // RETURNING gives the row's key
        connection.Execute("UPDATE experiments SET artifact_location = $2 WHERE experiment_id = $1",
            id, SchemaCreator.DefaultArtifactRoot + id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return Find(connection, name)!; // just written
    }

    public static Experiment? Find(SqliteConnection connection, string name) =>
        connection.Query(Select + " AND name = $1 AND workspace = 'default'", Read, name).FirstOrDefault();

    public static List<Experiment> List(SqliteConnection connection) =>
        connection.Query(Select + " ORDER BY experiment_id", Read);

    private static Experiment Read(SqliteDataReader reader) =>
        new(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.TimeOrNull(3));
}
