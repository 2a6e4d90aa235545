using System.Data.Common;
using Gyre.Tracking.Rest;
using Microsoft.Data.Sqlite;

namespace Gyre.Tracking.Storage;

/// <summary>
/// Writes points of metrics: into <c>metrics</c>, the greatest of each key into <c>latest_metrics</c>, and those that
/// measure a logged model into <c>logged_model_metrics</c>.
/// </summary>
internal static class MetricWriter
{
    public static void Write(DbConnection connection, string runId, ReadOnlySpan<MetricPoint> points)
    {
        if (points.Length == 0) return;
        if (connection is not SqliteConnection sqlite) WriteEach(connection, runId, points);
        else if (WriterStatements.Of(connection) is { } statements)
            statements.Metrics.Write(runId, points);
        else
        {
            using var writer = new SqliteMetricWriter(sqlite);
            writer.Write(runId, points);
        }

        foreach (var point in points)
            if (point.Model is not null) WriteModelMetric(connection, runId, point, point.Model);
    }

    private static void WriteEach(DbConnection connection, string runId, ReadOnlySpan<MetricPoint> points)
    {
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
        foreach (var point in points) Bind(insert, point).ExecuteNonQuery();
        foreach (var point in Latest(points)) Bind(latest, point).ExecuteNonQuery();
    }

    private static Dictionary<string, MetricPoint>.ValueCollection Latest(ReadOnlySpan<MetricPoint> points)
    {
        var latest = new Dictionary<string, MetricPoint>(StringComparer.Ordinal);
        foreach (var point in points)
            if (!latest.TryGetValue(point.Key, out var old) || point.IsAfter(old)) latest[point.Key] = point;
        return latest.Values;
    }

    private static DbCommand Bind(DbCommand command, in MetricPoint point)
    {
        command.Set(0, point.Key);
        command.Set(1, point.Stored);
        command.Set(2, point.Timestamp);
        command.Set(4, point.Step);
        command.Set(5, point.IsNan);
        return command;
    }

    private static void WriteModelMetric(DbConnection connection, string runId, in MetricPoint point, MeasuredModel model)
    {
        if (connection.ScalarPrepared("SELECT 1 FROM logged_models WHERE model_id = $1", model.ModelId) is null)
            throw RestException.BadRequest($"Logged model with ID '{model.ModelId}' not found.");
        connection.ExecutePrepared(
            """
            INSERT INTO logged_model_metrics (model_id, metric_name, metric_timestamp_ms, metric_step, metric_value,
                                              experiment_id, run_id, dataset_uuid, dataset_name, dataset_digest)
            SELECT $1, $2, $3, $4, $5, r.experiment_id, r.run_uuid,
                   (SELECT d.dataset_uuid FROM datasets d
                    WHERE d.experiment_id = r.experiment_id AND d.name = $7 AND d.digest = $8), $7, $8
            FROM runs r WHERE r.run_uuid = $6
            ON CONFLICT DO NOTHING
            """,
            model.ModelId, point.Key, point.Timestamp, point.Step, point.Stored, runId, model.DatasetName,
            model.DatasetDigest);
    }
}
