using Gyre.Primitives;
using System.Data.Common;

namespace Gyre.Tracking.Storage;

/// <summary>Writes a <see cref="RunBatch"/>: metrics and the latest of each, parameters, tags.</summary>
internal static class RunLog
{
    public static void Write(DbConnection connection, string runId, RunBatch batch, long now)
    {
        RequireActive(connection, runId);
        WriteParameters(connection, runId, batch.Parameters);
        WriteMetrics(connection, runId, batch.Metrics, now);
        WriteTags(connection, runId, batch.Tags);
    }

    public static void RequireActive(DbConnection connection, string runId)
    {
        var stage = connection.Scalar("SELECT lifecycle_stage FROM runs WHERE run_uuid = $1", runId) as string
            ?? throw GyreException.NotFound($"There is no run '{runId}'.");
        if (stage != "active") throw new GyreException(ErrorCode.Conflict, $"The run '{runId}' is deleted.");
    }

    public static void WriteTags(DbConnection connection, string runId, IReadOnlyDictionary<string, string> tags)
    {
        foreach (var (key, value) in tags)
        {
            connection.Execute(
                """
                INSERT INTO tags (key, value, run_uuid) VALUES ($1, $2, $3)
                ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value
                """,
                key, RunNames.Cut(value, RunNames.MaxTag), runId);
            if (key == RunTags.RunName) connection.Execute("UPDATE runs SET name = $2 WHERE run_uuid = $1", runId, value);
        }
    }

    private static void WriteParameters(
        DbConnection connection, string runId, IReadOnlyDictionary<string, string> parameters)
    {
        foreach (var (key, text) in parameters)
        {
            var value = RunNames.Cut(text, RunNames.MaxParameter);
            if (connection.Execute("INSERT INTO params (key, value, run_uuid) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                    key, value, runId) == 1) continue;
            var old = connection.Scalar("SELECT value FROM params WHERE run_uuid = $1 AND key = $2", runId, key) as string;
            if (old != value)
            {
                throw GyreException.Invalid(
                    $"Run {runId}: the parameter '{key}' is '{old}' already; changing it to '{value}' is not allowed.");
            }
        }
    }

    private static void WriteMetrics(DbConnection connection, string runId, IReadOnlyList<Metric> metrics, long now)
    {
        if (metrics.Count == 0) return;
        using var insert = connection.Command(
            """
            INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT DO NOTHING
            """,
            "", 0.0, 0L, runId, 0L, false);
        using var latest = connection.Command(
            """
            INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (key, run_uuid) DO UPDATE
            SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
            WHERE (excluded.step, excluded.timestamp, excluded.value)
                > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)
            """,
            "", 0.0, 0L, runId, 0L, false);
        foreach (var metric in metrics)
        {
            Bind(insert, metric, now).ExecuteNonQuery();
            Bind(latest, metric, now).ExecuteNonQuery();
        }
    }

    private static DbCommand Bind(DbCommand command, Metric metric, long now)
    {
        var isNan = double.IsNaN(metric.Value);
        command.Parameters[0].Value = metric.Key;
        command.Parameters[1].Value = isNan ? 0 : Math.Clamp(metric.Value, double.MinValue, double.MaxValue);
        command.Parameters[2].Value = metric.Timestamp?.ToUnixTimeMilliseconds() ?? now;
        command.Parameters[4].Value = metric.Step;
        command.Parameters[5].Value = isNan;
        return command;
    }
}
