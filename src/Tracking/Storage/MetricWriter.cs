using System.Data.Common;
using Gyre.Primitives;
using Gyre.Tracking.Rest;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Gyre.Tracking.Storage;

/// <summary>
/// Writes points of metrics: into <c>metrics</c>, the greatest of each key into <c>latest_metrics</c>, and those that
/// measure a logged model into <c>logged_model_metrics</c>.
/// </summary>
internal static class MetricWriter
{
    /// <summary>Writes to a run that is not deleted.</summary>
    /// <exception cref="GyreException">It does not exist, or is deleted.</exception>
    public static void WriteToActive(DbConnection connection, string runId, ReadOnlySpan<MetricPoint> points)
    {
        if (connection is NpgsqlConnection postgres && points.Length > 0)
        {
            RunLog.RequireActive(PostgresMetricWriter.Write(postgres, runId, points), runId);
            WriteModelMetrics(connection, runId, points);
            return;
        }

        RunLog.RequireActive(connection, runId);
        Write(connection, runId, points);
    }

    /// <summary>Writes to a run that exists.</summary>
    public static void Write(DbConnection connection, string runId, ReadOnlySpan<MetricPoint> points)
    {
        if (points.Length == 0) return;
        if (connection is NpgsqlConnection postgres) PostgresMetricWriter.Write(postgres, runId, points);
        else if (WriterStatements.Of(connection) is { } statements)
            statements.Metrics.Write(runId, points);
        else
        {
            using var writer = new SqliteMetricWriter((SqliteConnection)connection);
            writer.Write(runId, points);
        }

        WriteModelMetrics(connection, runId, points);
    }

    private static void WriteModelMetrics(DbConnection connection, string runId, ReadOnlySpan<MetricPoint> points)
    {
        foreach (var point in points)
            if (point.Model is not null) WriteModelMetric(connection, runId, point, point.Model);
    }

    private static void WriteModelMetric(
        DbConnection connection, string runId, in MetricPoint point, MeasuredModel model)
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
