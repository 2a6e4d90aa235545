using Gyre.Serving.Feedback;
using Gyre.Tracking;
using Microsoft.Data.Sqlite;

namespace Gyre.Serving.Storage;

/// <summary>Writes feedback. Thread-safe.</summary>
internal sealed class FeedbackStore(TrackingDatabase database)
{
    /// <summary>
    /// Stores the items whose prediction is known; a second truth for a prediction replaces the first. Completes after
    /// the commit.
    /// </summary>
    /// <returns>Per item, whether its prediction is known, and so the item stored.</returns>
    public Task<bool[]> StoreAsync(
        string model, IReadOnlyList<FeedbackItem> items, DateTimeOffset receivedAt,
        CancellationToken cancellationToken) =>
        database.WriteAsync(connection => Store(connection, model, items, receivedAt), cancellationToken);

    private static bool[] Store(
        SqliteConnection connection, string model, IReadOnlyList<FeedbackItem> items, DateTimeOffset receivedAt)
    {
        using var insert = connection.CreateCommand();
        insert.CommandText = """
            INSERT INTO gyre_feedback (prediction_id, model, actual, received_at)
            SELECT prediction_id, model, $3, $4 FROM gyre_predictions WHERE prediction_id = $1 AND model = $2
            ON CONFLICT (prediction_id) DO UPDATE SET actual = excluded.actual, received_at = excluded.received_at
            """;
        var id = insert.Parameters.Add("$1", SqliteType.Text);
        insert.Parameters.AddWithValue("$2", model);
        var actual = insert.Parameters.Add("$3", SqliteType.Text);
        insert.Parameters.AddWithValue("$4", receivedAt.ToUnixTimeMilliseconds());
        var known = new bool[items.Count];
        for (var i = 0; i < known.Length; i++)
        {
            id.Value = items[i].PredictionId;
            actual.Value = items[i].Actual;
            known[i] = insert.ExecuteNonQuery() > 0;
        }

        return known;
    }
}
