using System.Data.Common;
using Gyre.Tracking.Storage;

namespace Gyre.Loop.Deployment;

/// <summary>Reads the prediction log with what became of the predictions.</summary>
public static class PredictionRecords
{
    // A block's requests arrived within 10 s: its earliest one tells by an index whether it can be in a window.
    private const string InWindow =
        "p.first_at > $1 - 10000 AND p.first_at < $2 AND p.requested_at >= $1 AND p.requested_at < $2";

    private const long EndOfTime = 253_402_300_800_000; // the year 10000

    /// <summary>Those that the filter names, one after the other in no certain order.</summary>
    /// <param name="connection">A connection to the log's database, used until the end.</param>
    /// <param name="filter">Which ones.</param>
    public static IEnumerable<RecordedPrediction> Read(DbConnection connection, PredictionFilter filter) =>
        Read(connection, filter, From(filter), "");

    /// <summary>The newest ones that the filter names, newest first.</summary>
    /// <param name="connection">A connection to the log's database.</param>
    /// <param name="filter">Which ones.</param>
    /// <param name="count">At most so many, 1 or more.</param>
    public static IReadOnlyList<RecordedPrediction> Newest(DbConnection connection, PredictionFilter filter, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var order = FormattableString.Invariant(
            $"ORDER BY p.requested_at DESC, p.row_index DESC, p.prediction_id DESC LIMIT {count}");
        return [.. Read(connection, filter, Start(connection, filter, count), order)];
    }

    /// <summary>
    /// A time after which there are so many, so that not the whole log is read to find the newest: the newest blocks that
    /// lie in the window have that many records, none of them before the earliest request of these blocks.
    /// </summary>
    private static long Start(DbConnection connection, PredictionFilter filter, int count)
    {
        using var command = connection.Command(
            $"""
            SELECT first_at, rows FROM gyre_prediction_blocks
            WHERE first_at >= $1 AND last_at < $2 {(filter.Model is null ? "" : "AND model = $3")} ORDER BY first_at DESC
            """,
            Values(filter, From(filter)));
        using var reader = command.ExecuteReader();
        for (var rows = 0L; reader.Read();)
        {
            rows += reader.GetInt64(1);
            if (rows >= count) return reader.GetInt64(0);
        }

        return From(filter);
    }

    private static IEnumerable<RecordedPrediction> Read(
        DbConnection connection, PredictionFilter filter, long from, string order)
    {
        using var command = connection.Command(
            $"""
            SELECT p.prediction_id, p.model, p.version, p.requested_at, p.row_index, p.inputs, p.output, p.latency_us, f.actual
            FROM gyre_predictions p LEFT JOIN gyre_feedback f ON f.prediction_id = p.prediction_id
            WHERE {InWindow} {(filter.Model is null ? "" : "AND p.model = $3")} {order}
            """,
            Values(filter, from));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return new RecordedPrediction(
                reader.GetString(0), reader.GetString(1), reader.GetInt32(2),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3)), reader.GetInt64(4), reader.GetString(5),
                reader.GetString(6), reader.GetInt64(7), reader.StringOrNull(8));
        }
    }

    private static object?[] Values(PredictionFilter filter, long from)
    {
        var to = filter.To?.ToUnixTimeMilliseconds() ?? EndOfTime;
        return filter.Model is null ? [from, to] : [from, to, filter.Model];
    }

    private static long From(PredictionFilter filter) => filter.From?.ToUnixTimeMilliseconds() ?? 0;
}
