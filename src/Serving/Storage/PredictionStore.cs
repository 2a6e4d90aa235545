using Gyre.Tracking;
using Microsoft.Data.Sqlite;

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

    private static readonly SqliteType[] Types =
    [
        SqliteType.Text, SqliteType.Text, SqliteType.Integer, SqliteType.Integer, SqliteType.Integer, SqliteType.Text,
        SqliteType.Text, SqliteType.Integer,
    ];

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
            using var undo = connection.CreateCommand();
            undo.CommandText = "DELETE FROM gyre_predictions WHERE prediction_id = $1";
            undo.Parameters.AddWithValue("$1", id);
            undo.ExecuteNonQuery();
        },
        cancellationToken);

    private static void Append(SqliteConnection connection, IReadOnlyList<PredictionRow> rows)
    {
        using var insert = connection.CreateCommand();
        insert.CommandText = Sql;
        var parameters = Types.Select((type, i) => insert.Parameters.Add($"${i + 1}", type)).ToArray();
        foreach (var row in rows)
        {
            parameters[0].Value = row.Id;
            parameters[1].Value = row.Model;
            parameters[2].Value = row.Version;
            parameters[3].Value = row.RequestedAt.ToUnixTimeMilliseconds();
            parameters[4].Value = row.RowIndex;
            parameters[5].Value = row.Inputs;
            parameters[6].Value = row.Output;
            parameters[7].Value = row.LatencyMicroseconds;
            insert.ExecuteNonQuery();
        }
    }
}
