using System.Data.Common;
using System.Text.Json.Nodes;
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
    public async Task<bool[]> StoreAsync(
        string model, IReadOnlyList<FeedbackItem> items, DateTimeOffset receivedAt,
        CancellationToken cancellationToken)
    {
        var ids = items.Select(item => item.PredictionId).ToHashSet(StringComparer.Ordinal);
        // Records are never changed: what is found outside the transaction is still there in it.
        var found = await Task.Run(() => Find(model, ids), cancellationToken);
        if (found.Count > 0)
        {
            // The last item of a prediction is the one that counts; the statement must not meet it twice.
            var actual = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var item in items.Where(item => found.Contains(item.PredictionId)))
                actual[item.PredictionId] = item.Actual ?? "null";
            await database.WriteAsync(
                connection => Store(connection, model, actual, receivedAt), cancellationToken);
        }

        return [.. items.Select(item => found.Contains(item.PredictionId))];
    }

    private HashSet<string> Find(string model, HashSet<string> ids)
    {
        using var connection = database.OpenConnection();
        return new BlockSearch(connection).Find(model, ids);
    }

    private static void Store(
        DbConnection connection, string model, Dictionary<string, string> actual, DateTimeOffset receivedAt)
    {
        var pairs = new JsonArray([.. actual.Select(pair => new JsonArray(pair.Key, pair.Value))]);
        var source = connection.Dialect() == SqlDialect.Sqlite
            ? "json_each($1) AS item"
            : "json_array_elements(CAST($1 AS json)) AS item(value)";
        connection.Execute(
            $"""
            INSERT INTO gyre_feedback (prediction_id, model, actual, received_at)
            SELECT item.value ->> 0, $2, item.value ->> 1, $3 FROM {source} WHERE true
            ON CONFLICT (prediction_id) DO UPDATE SET actual = excluded.actual, received_at = excluded.received_at
            """,
            pairs.ToJsonString(), model, receivedAt.ToUnixTimeMilliseconds());
    }
}
