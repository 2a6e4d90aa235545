using Gyre.Primitives;
using System.Data.Common;
using System.Runtime.InteropServices;

namespace Gyre.Tracking.Storage;

/// <summary>Writes what is logged to a run: parameters, metrics and the latest of each, tags.</summary>
internal static class RunLog
{
    /// <summary>The stage of run <c>$1</c>.</summary>
    public const string StageOfRun = "SELECT lifecycle_stage FROM runs WHERE run_uuid = $1";

    public static void Write(DbConnection connection, string runId, RunBatch batch, long now)
    {
        if (batch.Parameters.Count > 0) WriteParametersToActive(connection, runId, batch.Parameters);
        MetricWriter.WriteToActive(connection, runId, batch.Metrics.Select(metric => new MetricPoint(
            metric.Key, metric.Value, metric.Timestamp?.ToUnixTimeMilliseconds() ?? now, metric.Step)).ToArray());
        WriteTags(connection, runId, batch.Tags);
    }

    public static void Write(DbConnection connection, string runId, ClientBatch batch)
    {
        if (batch.Parameters.Count > 0) WriteParametersToActive(connection, runId, batch.Parameters);
        MetricWriter.WriteToActive(connection, runId, CollectionsMarshal.AsSpan(batch.Metrics));
        WriteTags(connection, runId, batch.Tags);
    }

    public static void Write(DbConnection connection, string runId, in MetricPoint point) =>
        MetricWriter.WriteToActive(connection, runId, new ReadOnlySpan<MetricPoint>(in point));

    /// <summary>Checks that a run exists and is not deleted.</summary>
    /// <exception cref="GyreException">It does not, or is.</exception>
    public static void RequireActive(DbConnection connection, string runId) =>
        RequireActive(connection.ScalarPrepared(StageOfRun, runId) as string, runId);

    /// <summary>Checks the stage that a run has; null where there is no run.</summary>
    /// <exception cref="GyreException">It is not active.</exception>
    public static void RequireActive(string? stage, string runId)
    {
        if (stage is null) throw NotFound(runId);
        if (stage != "active")
        {
            throw new GyreException(
                ErrorCode.Conflict, $"The run {runId} must be in the 'active' state. Current state is deleted.");
        }
    }

    public static GyreException NotFound(string runId) => GyreException.NotFound($"Run with id={runId} not found");

    /// <summary>Sets tags; of several with one key the last counts.</summary>
    public static void WriteTags(
        DbConnection connection, string runId, IEnumerable<KeyValuePair<string, string>> tags)
    {
        foreach (var (key, text) in tags)
        {
            var value = RunNames.Cut(text, RunNames.MaxTag);
            PutTag(connection, runId, key, value);
            if (key == RunTags.RunName)
                connection.Execute("UPDATE runs SET name = $2 WHERE run_uuid = $1", runId, value);
        }
    }

    /// <summary>Sets a tag whose value may be longer than a client's.</summary>
    public static void PutTag(DbConnection connection, string runId, string key, string value) =>
        connection.ExecutePrepared(
            """
            INSERT INTO tags (key, value, run_uuid) VALUES ($1, $2, $3)
            ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value
            """,
            key, value, runId);

    private static void WriteParametersToActive(
        DbConnection connection, string runId, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        RequireActive(connection, runId);
        WriteParameters(connection, runId, parameters);
    }

    /// <summary>Sets parameters; one that is there already must have the same value.</summary>
    public static void WriteParameters(
        DbConnection connection, string runId, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        foreach (var (key, text) in parameters)
        {
            var value = RunNames.Cut(text, RunNames.MaxParameter);
            if (connection.ExecutePrepared(
                    "INSERT INTO params (key, value, run_uuid) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                    key, value, runId) == 1) continue;
            var old = connection.Scalar(
                "SELECT value FROM params WHERE run_uuid = $1 AND key = $2", runId, key) as string;
            if (old != value)
            {
                throw GyreException.Invalid(
                    $"Changing param values is not allowed. Param with key='{key}' of run {runId}: the parameter "
                    + $"'{key}' is '{old}' already, not '{value}'.");
            }
        }
    }
}
