using System.Data.Common;
using Gyre.Serving.Feedback;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

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
        DbConnection connection, string model, IReadOnlyList<FeedbackItem> items, DateTimeOffset receivedAt)
    {
        using var insert = connection.Command(
            """
            INSERT INTO gyre_feedback (prediction_id, model, actual, received_at)
            SELECT prediction_id, model, $3, $4 FROM gyre_predictions WHERE prediction_id = $1 AND model = $2
            ON CONFLICT (prediction_id) DO UPDATE SET actual = excluded.actual, received_at = excluded.received_at
            """,
            "", model, "", receivedAt.ToUnixTimeMilliseconds());
        var known = new bool[items.Count];
        for (var i = 0; i < known.Length; i++)
        {
            insert.Set(0, items[i].PredictionId);
            insert.Set(2, items[i].Actual);
            known[i] = insert.ExecuteNonQuery() > 0;
        }

        return known;
    }
}
