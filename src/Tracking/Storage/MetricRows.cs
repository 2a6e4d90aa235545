using System.Data.Common;
using System.Globalization;

namespace Gyre.Tracking.Storage;

/// <summary>Reads the table <c>metrics</c>.</summary>
internal static class MetricRows
{
    /// <summary>Longer histories are sorted by the database, which needs no memory here.</summary>
    private const int HeldPoints = 1 << 16;

    /// <summary>How many points are handed on together.</summary>
    private const int PieceLength = 128;

    /// <summary>How many steps one statement asks for.</summary>
    private const int StepChunk = 500;

    /// <summary>
    /// A metric's points by timestamp, step and value, in pieces while the result is enumerated: each holds until the
    /// next is asked for.
    /// </summary>
    public static IEnumerable<ReadOnlyMemory<HistoryPoint>> History(
        DbConnection connection, string runId, string key, long limit, long offset)
    {
        return HeldHistory.TryRead(connection, runId, key, HeldPoints) is { } history
            ? Held(history, limit, offset)
            : Streamed(connection, runId, key, limit, offset);
    }

    private static IEnumerable<ReadOnlyMemory<HistoryPoint>> Held(HeldHistory history, long limit, long offset)
    {
        using (history)
        {
            var points = history.Points;
            points = points[(int)Math.Min(offset, points.Length)..];
            points = points[..(int)Math.Min(limit, points.Length)];
            for (; points.Length > PieceLength; points = points[PieceLength..]) yield return points[..PieceLength];
            if (points.Length > 0) yield return points;
        }
    }

    private static IEnumerable<ReadOnlyMemory<HistoryPoint>> Streamed(
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
        var (piece, count) = (new HistoryPoint[PieceLength], 0);
        while (reader.Read())
        {
            piece[count++] = new HistoryPoint(reader.GetInt64(1), reader.GetInt64(2), ReadValue(reader));
            if (count < piece.Length) continue;
            yield return piece;
            count = 0;
        }

        if (count > 0) yield return piece.AsMemory(0, count);
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

    private static MetricPoint Read(DbDataReader reader, string key) =>
        new(key, ReadValue(reader), reader.GetInt64(1), reader.GetInt64(2));

    private static double ReadValue(DbDataReader reader) => reader.GetBoolean(3) ? double.NaN : reader.GetDouble(0);
}
