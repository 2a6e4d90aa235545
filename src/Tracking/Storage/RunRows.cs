using Gyre.Primitives;
using System.Data.Common;

namespace Gyre.Tracking.Storage;

/// <summary>Writes to the table <c>runs</c> and the tags that belong to a run's life.</summary>
internal static class RunRows
{
    /// <summary>Inserts a run with its tags and returns its artifact URI.</summary>
    /// <exception cref="GyreException">The experiment does not exist or is deleted.</exception>
    public static string Insert(DbConnection connection, string id, ClientRun run, long startTime)
    {
        var (location, stage) = connection.Query(
            "SELECT artifact_location, lifecycle_stage FROM experiments WHERE experiment_id = $1",
            reader => (reader.StringOrNull(0) ?? "", reader.StringOrNull(1)), run.ExperimentId)
            .Select(row => ((string Location, string? Stage)?)row).FirstOrDefault()
            ?? throw GyreException.NotFound($"No Experiment with id={run.ExperimentId} exists");
        if (stage == "deleted")
        {
            throw GyreException.Invalid(
                $"The experiment {run.ExperimentId} must be in the 'active' state. Current state is deleted.");
        }

        var uri = $"{location.TrimEnd('/')}/{id}/artifacts";
        connection.ExecutePrepared(
            """
            INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,
                              source_version, lifecycle_stage, artifact_uri, experiment_id)
            VALUES ($1, $2, 'UNKNOWN', '', '', $3, 'RUNNING', $4, '', 'active', $5, $6)
            """,
            id, run.Name, run.UserId, startTime, uri, run.ExperimentId);
        RunLog.WriteTags(connection, id, run.Tags);
        return uri;
    }

    /// <summary>Changes what is not null of an active run; a name also in its tag.</summary>
    public static void Update(DbConnection connection, string runId, string? status, long? endTime, string? name)
    {
        RunLog.RequireActive(connection, runId);
        if (status is not null) connection.Execute("UPDATE runs SET status = $2 WHERE run_uuid = $1", runId, status);
        if (endTime is not null)
            connection.Execute("UPDATE runs SET end_time = $2 WHERE run_uuid = $1", runId, endTime);
        if (!string.IsNullOrEmpty(name))
            RunLog.WriteTags(connection, runId, [KeyValuePair.Create(RunTags.RunName, name)]);
    }

    /// <summary>Marks a run deleted, or brings it back; doing so twice changes nothing more.</summary>
    public static void SetDeleted(DbConnection connection, string runId, bool deleted, long now)
    {
        var changed = connection.Execute(
            "UPDATE runs SET lifecycle_stage = $2, deleted_time = $3 WHERE run_uuid = $1",
            runId, deleted ? "deleted" : "active", deleted ? now : null);
        if (changed == 0) throw RunLog.NotFound(runId);
    }

    public static void DeleteTag(DbConnection connection, string runId, string key)
    {
        RunLog.RequireActive(connection, runId);
        if (connection.Execute("DELETE FROM tags WHERE run_uuid = $1 AND key = $2", runId, key) == 0)
            throw GyreException.NotFound($"No tag with name: {key} in run with id {runId}");
    }

    /// <summary>Records that a run read logged models.</summary>
    public static void LinkModelInputs(
        DbConnection connection, string runId, IReadOnlyList<(string Model, string Id)> models)
    {
        foreach (var (model, id) in models)
        {
            connection.Execute(
                """
                INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)
                VALUES ($1, 'RUN_INPUT', $2, 'MODEL_INPUT', $3) ON CONFLICT DO NOTHING
                """,
                id, runId, model);
        }
    }

    /// <summary>Records that a run made logged models.</summary>
    public static void LinkModelOutputs(
        DbConnection connection, string runId, IReadOnlyList<((string ModelId, long Step) Model, string Id)> models)
    {
        RunLog.RequireActive(connection, runId);
        foreach (var (model, id) in models)
        {
            connection.Execute(
                """
                INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id, step)
                VALUES ($1, 'RUN_OUTPUT', $2, 'MODEL_OUTPUT', $3, $4) ON CONFLICT DO NOTHING
                """,
                id, runId, model.ModelId, model.Step);
        }
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
