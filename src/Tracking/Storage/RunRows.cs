using Gyre.Primitives;
using System.Data.Common;

namespace Gyre.Tracking.Storage;

/// <summary>Writes to the table <c>runs</c> and the tags that belong to a run's life.</summary>
internal static class RunRows
{
    /// <summary>Inserts a run with its tags and returns its artifact URI.</summary>
    public static string Insert(
        DbConnection connection, string id, RunStart start, IReadOnlyDictionary<string, string> tags, long now)
    {
        var location = connection.Scalar(
            "SELECT artifact_location FROM experiments WHERE experiment_id = $1 AND lifecycle_stage = 'active'",
            start.ExperimentId) as string ?? throw GyreException.NotFound($"There is no experiment {start.ExperimentId}.");
        var uri = $"{location.TrimEnd('/')}/{id}/artifacts";
        connection.Execute(
            """
            INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,
                              source_version, lifecycle_stage, artifact_uri, experiment_id)
            VALUES ($1, $2, 'UNKNOWN', '', '', $3, 'RUNNING', $4, '', 'active', $5, $6)
            """,
            id, start.Name, tags.GetValueOrDefault(RunTags.User, ""), now, uri, start.ExperimentId);
        RunLog.WriteTags(connection, id, tags);
        return uri;
    }

    public static void Finish(DbConnection connection, string runId, RunStatus status, long now)
    {
        RunLog.RequireActive(connection, runId);
        connection.Execute("UPDATE runs SET status = $2, end_time = $3 WHERE run_uuid = $1",
            runId, status.ToString().ToUpperInvariant(), now);
    }

    /// <summary>The distinct owners of runs that are under way.</summary>
    public static List<string> RunningOwners(DbConnection connection) => connection.Query(
        """
        SELECT DISTINCT t.value FROM runs r JOIN tags t ON t.run_uuid = r.run_uuid AND t.key = $1
        WHERE r.status = 'RUNNING' AND t.value IS NOT NULL
        """,
        reader => reader.GetString(0), ProcessOwner.Tag);

    public static List<string> FailOwnedBy(DbConnection connection, List<string> owners, long now)
    {
        var failed = new List<string>();
        foreach (var owner in owners)
        {
            failed.AddRange(connection.Query(
                """
                UPDATE runs SET status = 'FAILED', end_time = $3
                WHERE status = 'RUNNING'
                  AND run_uuid IN (SELECT run_uuid FROM tags WHERE key = $1 AND value = $2)
                RETURNING run_uuid
                """,
                reader => reader.GetString(0), ProcessOwner.Tag, owner, now));
        }

        var reason = new Dictionary<string, string> { [RunTags.Orphaned] = "The process ended before the run did." };
        foreach (var run in failed) RunLog.WriteTags(connection, run, reason);
        return failed;
    }
}
