using System.Data.Common;
using System.Globalization;

namespace Gyre.Tracking.Storage;

/// <summary>Reads the table <c>metrics</c>.</summary>
internal static class MetricRows
{
    /// <summary>Longer histories are sorted by the database, which needs no memory here.</summary>
    private const int HeldPoints = 1 << 16;

    /// <summary>How many steps one statement asks for.</summary>
    private const int StepChunk = 500;

    /// <summary>A metric's points by timestamp, step and value, while the result is enumerated.</summary>
    public static IEnumerable<MetricPoint> History(
        DbConnection connection, string runId, string key, long limit, long offset)
    {
        return HeldHistory.TryRead(connection, runId, key, HeldPoints) is { } history
            ? Held(history, key, limit, offset)
            : Streamed(connection, runId, key, limit, offset);
    }

    private static IEnumerable<MetricPoint> Held(HeldHistory history, string key, long limit, long offset)
    {
        using (history)
        {
            var end = (int)Math.Min(history.Count, limit > history.Count ? history.Count : offset + limit);
            for (var i = (int)Math.Min(offset, end); i < end; i++)
            {
                var point = history[i];
                yield return new MetricPoint(key, point.Value, point.Timestamp, point.Step);
            }
        }
    }

    private static IEnumerable<MetricPoint> Streamed(
        DbConnection connection, string runId, string key, long limit, long offset)
    {
        // The plus signs keep SQLite from the primary key, whose order fits but which begins with all runs' points.
        using var command = connection.Command(
            """
            SELECT value, timestamp, step, is_nan FROM metrics WHERE run_uuid = $1 AND key = $2
            ORDER BY +timestamp, +step, +value LIMIT $3 OFFSET $4
            """,
            runId, key, limit, offset);
        using var reader = command.ExecuteReader();
        while (reader.Read()) yield return Read(reader, key);
    }

    /// <summary>The distinct steps of a metric, ascending.</summary>
    public static List<long> Steps(DbConnection connection, string runId, string key) => connection.Query(
        "SELECT DISTINCT step FROM metrics WHERE run_uuid = $1 AND key = $2 ORDER BY step",
        reader => reader.GetInt64(0), runId, key);

    /// <summary>A metric's points at some steps, by step, timestamp and value.</summary>
    public static IEnumerable<MetricPoint> AtSteps(
        DbConnection connection, string runId, string key, IReadOnlyList<long> steps)
    {
        foreach (var chunk in steps.Chunk(StepChunk))
        {
            var list = string.Join(',', chunk.Select(step => step.ToString(CultureInfo.InvariantCulture)));
            using var command = connection.Command(
                $"""
                SELECT value, timestamp, step, is_nan FROM metrics WHERE run_uuid = $1 AND key = $2 AND step IN ({list})
                ORDER BY +step, +timestamp, +value
                """,
                runId, key);
            using var reader = command.ExecuteReader();
            while (reader.Read()) yield return Read(reader, key);
        }
    }

    private static MetricPoint Read(DbDataReader reader, string key) => new(
        key, reader.GetBoolean(3) ? double.NaN : reader.GetDouble(0), reader.GetInt64(1), reader.GetInt64(2));
}
