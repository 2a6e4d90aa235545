using Npgsql;

namespace Gyre.Tracking.Storage;

/// <summary>
/// Inserts points of metrics as arrays, one statement for all of a batch's points and one for the latest of each key:
/// one round trip however many they are.
/// </summary>
internal static class PostgresMetricWriter
{
    private const string Points = "unnest($1::text[], $2::float8[], $3::bigint[], $4::bigint[], $5::boolean[])";

    // Without the run nothing is written, rather than the foreign key broken: the first statement's answer says so.
    private const string OfRun = $"SELECT *, $6 FROM {Points} WHERE EXISTS (SELECT 1 FROM runs WHERE run_uuid = $6)";

    private const string Insert = $"""
        INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid) {OfRun} ON CONFLICT DO NOTHING
        """;

    private const string Upsert = $"""
        INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) {OfRun}
        ON CONFLICT (key, run_uuid) DO UPDATE
        SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
        WHERE (excluded.step, excluded.timestamp, excluded.value)
            > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)
        """;

    /// <summary>
    /// Writes the points and gives the run's stage; null, and nothing written, where there is no run.
    /// </summary>
    public static string? Write(NpgsqlConnection connection, string runId, ReadOnlySpan<MetricPoint> points)
    {
        using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(RunLog.StageOfRun, runId));
        batch.BatchCommands.Add(Command(Insert, Arrays(points, runId)));
        batch.BatchCommands.Add(Command(Upsert, Arrays(Latest(points), runId)));
        return batch.ExecuteScalar() as string;
    }

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    /// <summary>
    /// The greatest point of each key: a statement may change a row only once. In the order of their keys, so that
    /// writers of one run wait for each other rather than lock each other out.
    /// </summary>
    private static MetricPoint[] Latest(ReadOnlySpan<MetricPoint> points)
    {
        var latest = new SortedDictionary<string, MetricPoint>(StringComparer.Ordinal);
        foreach (var point in points)
            if (!latest.TryGetValue(point.Key, out var old) || point.IsAfter(old)) latest[point.Key] = point;
        return [.. latest.Values];
    }

    private static object[] Arrays(ReadOnlySpan<MetricPoint> points, string runId)
    {
        var (keys, values) = (new string[points.Length], new double[points.Length]);
        var (timestamps, steps, nans) = (new long[points.Length], new long[points.Length], new bool[points.Length]);
        for (var i = 0; i < points.Length; i++)
        {
            (keys[i], values[i], nans[i]) = (points[i].Key, points[i].Stored, points[i].IsNan);
            (timestamps[i], steps[i]) = (points[i].Timestamp, points[i].Step);
        }

        return [keys, values, timestamps, steps, nans, runId];
    }
}
