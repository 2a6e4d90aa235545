using System.Data.Common;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Serving.Storage;

/// <summary>A prediction, as it is stored.</summary>
internal sealed record PredictionRow(
    string Id, string Model, int Version, DateTimeOffset RequestedAt, int RowIndex, string Inputs, string Output,
    long LatencyMicroseconds);

/// <summary>Writes predictions. Thread-safe.</summary>
internal sealed class PredictionStore(TrackingDatabase database)
{
    private const string Sql = """
        INSERT INTO gyre_predictions
          (prediction_id, model, version, requested_at, row_index, inputs, output, latency_us)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """;

    /// <summary>Stores the rows together; completes after the commit.</summary>
    public Task AppendAsync(IReadOnlyList<PredictionRow> rows, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => Append(connection, rows), cancellationToken);

    /// <summary>
    /// Writes a row and takes it back in one transaction, so that the code and statements of the first real one are ready:
    /// compiling them may take longer than a record may follow its answer.
    /// </summary>
    public Task WarmUpAsync(CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            const string id = "warm-up";
            Append(connection, [new PredictionRow(id, id, 0, DateTimeOffset.UnixEpoch, 0, "{}", "0", 0)]);
            connection.Execute("DELETE FROM gyre_predictions WHERE prediction_id = $1", id);
        },
        cancellationToken);

    private static void Append(DbConnection connection, IReadOnlyList<PredictionRow> rows)
    {
        using var insert = connection.Command(Sql, "", "", 0L, 0L, 0L, "", "", 0L);
        foreach (var row in rows)
        {
            insert.Set(0, row.Id);
            insert.Set(1, row.Model);
            insert.Set(2, (long)row.Version);
            insert.Set(3, row.RequestedAt.ToUnixTimeMilliseconds());
            insert.Set(4, (long)row.RowIndex);
            insert.Set(5, row.Inputs);
            insert.Set(6, row.Output);
            insert.Set(7, row.LatencyMicroseconds);
            insert.ExecuteNonQuery();
        }
    }
}
