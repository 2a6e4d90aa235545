using System.Data.Common;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Retention;

/// <summary>The rows of what was deleted: which they are, what still needs them, and removing them for good.</summary>
internal static class GarbageRows
{
    private const string DeletedVersion = "Deleted_Internal";

    public static List<(long Id, string Name)> Experiments(DbConnection connection, long cutoff) => connection.Query(
        """
        SELECT experiment_id, name FROM experiments
        WHERE lifecycle_stage = 'deleted' AND coalesce(last_update_time, 0) <= $1 ORDER BY experiment_id
        """,
        reader => (reader.GetInt64(0), reader.GetString(1)), cutoff);

    /// <summary>Deleted runs, and all runs of deleted experiments.</summary>
    public static List<(string Id, long Experiment)> Runs(DbConnection connection, long cutoff) => connection.Query(
        """
        SELECT r.run_uuid, r.experiment_id FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id
        WHERE (r.lifecycle_stage = 'deleted' AND coalesce(r.deleted_time, r.end_time, r.start_time, 0) <= $1)
           OR (e.lifecycle_stage = 'deleted' AND coalesce(e.last_update_time, 0) <= $1)
        ORDER BY r.run_uuid
        """,
        reader => (reader.GetString(0), reader.GetInt64(1)), cutoff);

    /// <summary>Deleted logged models, and all of deleted experiments.</summary>
    public static List<(string Id, long Experiment)> LoggedModels(DbConnection connection,
        long cutoff) => connection.Query(
        """
        SELECT m.model_id, m.experiment_id FROM logged_models m JOIN experiments e ON e.experiment_id = m.experiment_id
        WHERE (m.lifecycle_stage = 'deleted' AND m.last_updated_timestamp_ms <= $1)
           OR (e.lifecycle_stage = 'deleted' AND coalesce(e.last_update_time, 0) <= $1)
        ORDER BY m.model_id
        """,
        reader => (reader.GetString(0), reader.GetInt64(1)), cutoff);

    /// <summary>Deleted versions but the last of a model: its row keeps the number from being given again.</summary>
    public static List<(string Model, int Version)> Versions(DbConnection connection, long cutoff) => connection.Query(
        $"""
        SELECT v.name, v.version FROM model_versions v
        WHERE v.workspace = 'default' AND v.current_stage = '{DeletedVersion}'
          AND coalesce(v.last_updated_time, 0) <= $1
          AND v.version < (SELECT max(w.version) FROM model_versions w
                           WHERE w.workspace = v.workspace AND w.name = v.name)
        ORDER BY v.name, v.version
        """,
        reader => (reader.GetString(0), reader.GetInt32(1)), cutoff);

    /// <summary>What still needs a run, or null.</summary>
    /// <param name="connection">Where to look.</param>
    /// <param name="run">The run.</param>
    /// <param name="goingModels">Logged models that go too.</param>
    public static string? NeedOfRun(DbConnection connection, string run, IReadOnlySet<string> goingModels) =>
        VersionAt(connection, $"%/{run}/artifacts%", run)
        ?? connection.Query(
                "SELECT model_id FROM logged_models WHERE source_run_id = $1", reader => reader.GetString(0), run)
            .Where(model => !goingModels.Contains(model)).Select(model => $"the logged model '{model}' comes from it")
            .FirstOrDefault();

    /// <summary>What still needs a logged model, or null.</summary>
    public static string? NeedOfLoggedModel(DbConnection connection, string model) =>
        VersionAt(connection, $"%/{model}/artifacts%", null) ?? VersionAt(connection, $"models:/{model}", null);

    /// <summary>What still needs an experiment whose runs and logged models are gone, or null.</summary>
    public static string? NeedOfExperiment(DbConnection connection, long experiment) =>
        Exists(connection, "SELECT 1 FROM runs WHERE experiment_id = $1", experiment) ? "it has runs that stay"
        : Exists(connection, "SELECT 1 FROM logged_models WHERE experiment_id = $1",
            experiment) ? "it has logged models that stay"
        : Exists(connection,
            "SELECT 1 FROM guardrails g JOIN scorers s ON s.scorer_id = g.scorer_id WHERE s.experiment_id = $1",
                experiment)
            ? "a guardrail uses one of its scorers"
        : null;

    /// <summary>Removes a run's rows; returns its artifacts' address.</summary>
    public static List<string> RemoveRun(DbConnection connection, string run)
    {
        var artifacts = connection.Query(
            "SELECT artifact_uri FROM runs WHERE run_uuid = $1 AND artifact_uri IS NOT NULL",
                reader => reader.GetString(0), run);
        foreach (var table in (string[])["metrics", "latest_metrics", "params", "tags"])
            connection.Execute($"DELETE FROM {table} WHERE run_uuid = $1", run);
        RemoveEdges(connection, run);
        connection.Execute("DELETE FROM logged_model_metrics WHERE run_id = $1", run);
        connection.Execute("DELETE FROM runs WHERE run_uuid = $1", run);
        return artifacts;
    }

    public static List<string> RemoveLoggedModel(DbConnection connection, string model)
    {
        var artifacts = connection.Query(
            "SELECT artifact_location FROM logged_models WHERE model_id = $1", reader => reader.GetString(0), model);
        RemoveEdges(connection, model);
        foreach (var table in (string[])["logged_model_metrics", "logged_model_params", "logged_model_tags",
            "logged_models"])
            connection.Execute($"DELETE FROM {table} WHERE model_id = $1", model);
        return artifacts;
    }

    /// <summary>Removes an experiment with its datasets, traces, scorers and issues.</summary>
    public static List<string> RemoveExperiment(DbConnection connection, long experiment)
    {
        var artifacts = connection.Query(
            """
            SELECT t.value FROM trace_tags t JOIN trace_info i ON i.request_id = t.request_id
            WHERE i.experiment_id = $1 AND t.key = 'mlflow.artifactLocation' AND t.value IS NOT NULL
            """,
            reader => reader.GetString(0), experiment);
        var own = SchemaCreator.DefaultArtifactRoot + experiment;
        if (Exists(connection, "SELECT 1 FROM experiments WHERE experiment_id = $1 AND artifact_location = $2",
            experiment, own)
            && VersionAt(connection, own + "/%", null) is null) artifacts.Add(own);
        connection.Execute(
            """
            DELETE FROM input_tags WHERE input_uuid IN (
              SELECT i.input_uuid FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
              WHERE d.experiment_id = $1)
            """,
            experiment);
        connection.Execute(
            "DELETE FROM inputs WHERE source_id IN (SELECT dataset_uuid FROM datasets WHERE experiment_id = $1)",
                experiment);
        connection.Execute(
            """
            DELETE FROM entity_associations
            WHERE (destination_type = 'experiment' AND destination_id = $1)
               OR (source_type = 'experiment' AND source_id = $1)
            """,
            experiment.ToString(System.Globalization.CultureInfo.InvariantCulture));
        foreach (var table in (string[])
            ["experiment_tags", "datasets", "trace_info", "online_scoring_configs", "scorers", "issues", "experiments"])
            connection.Execute($"DELETE FROM {table} WHERE experiment_id = $1", experiment);
        return artifacts;
    }

    /// <summary>Removes a deleted version; its files too, where they are nobody else's.</summary>
    public static List<string> RemoveVersion(DbConnection connection, string model, int version)
    {
        var location = connection.Scalar(
            "SELECT storage_location FROM model_versions WHERE workspace = 'default' AND name = $1 AND version = $2",
            model, version) as string;
        connection.Execute(
            "DELETE FROM model_version_tags WHERE workspace = 'default' AND name = $1 AND version = $2", model,
                version);
        connection.Execute(
            "DELETE FROM registered_model_aliases WHERE workspace = 'default' AND name = $1 AND version = $2", model,
                version);
        connection.Execute("DELETE FROM model_versions WHERE workspace = 'default' AND name = $1 AND version = $2",
            model, version);
        return location is not null && location.StartsWith(SchemaCreator.DefaultArtifactRoot, StringComparison.Ordinal)
            && !IsUsed(connection, location) ? [location] : [];
    }

    private static bool IsUsed(DbConnection connection, string location) =>
        VersionAt(connection, location + "%", null) is not null
        || Exists(connection, "SELECT 1 FROM runs WHERE $1 LIKE artifact_uri || '%' OR artifact_uri LIKE $1 || '/%'",
            location)
        || Exists(connection,
            "SELECT 1 FROM logged_models WHERE $1 LIKE artifact_location || '%' OR artifact_location LIKE $1 || '/%'",
            location);

    /// <summary>A version that is not deleted and has its files in a place, or comes from a run.</summary>
    private static string? VersionAt(DbConnection connection, string pattern, string? run) => connection.Query(
        $"""
        SELECT name, version FROM model_versions
        WHERE workspace = 'default' AND current_stage <> '{DeletedVersion}'
          AND (source LIKE $1 OR storage_location LIKE $1 OR run_id = $2) LIMIT 1
        """,
        reader => $"version {reader.GetInt32(1)} of the model '{reader.GetString(0)}' needs it", pattern,
            run).FirstOrDefault();

    private static void RemoveEdges(DbConnection connection, string id)
    {
        connection.Execute(
            """
            DELETE FROM input_tags WHERE input_uuid IN (
              SELECT input_uuid FROM inputs WHERE destination_id = $1 OR source_id = $1)
            """,
            id);
        connection.Execute("DELETE FROM inputs WHERE destination_id = $1 OR source_id = $1", id);
    }

    private static bool Exists(DbConnection connection, string sql, params ReadOnlySpan<object?> values) =>
        connection.Scalar(sql + " LIMIT 1", values) is not null;
}
