using Gyre.Tracking;
using Microsoft.Data.Sqlite;

namespace Gyre.Serving.Storage;

/// <summary>A refused request, as it is stored.</summary>
internal sealed record RejectionRow(string Model, DateTimeOffset At, string Reason, string? Column, string Message);

/// <summary>Writes refused requests. Thread-safe.</summary>
internal sealed class RejectionStore(TrackingDatabase database)
{
    /// <summary>Stores the rows and removes the oldest beyond <paramref name="kept"/>.</summary>
    public Task AppendAsync(IReadOnlyList<RejectionRow> rows, int kept, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => Append(connection, rows, kept), cancellationToken);

    private static void Append(SqliteConnection connection, IReadOnlyList<RejectionRow> rows, int kept)
    {
        using var insert = connection.CreateCommand();
        insert.CommandText = """
            INSERT INTO gyre_rejections (model, at, reason, column_name, message) VALUES ($1, $2, $3, $4, $5)
            """;
        var parameters = Enumerable.Range(1, 5).Select(i => insert.Parameters.Add($"${i}", SqliteType.Text)).ToArray();
        foreach (var row in rows)
        {
            parameters[0].Value = row.Model;
            parameters[1].Value = row.At.ToUnixTimeMilliseconds();
            parameters[1].SqliteType = SqliteType.Integer;
            parameters[2].Value = row.Reason;
            parameters[3].Value = (object?)row.Column ?? DBNull.Value;
            parameters[4].Value = row.Message;
            insert.ExecuteNonQuery();
        }

        using var trim = connection.CreateCommand();
        trim.CommandText = "DELETE FROM gyre_rejections WHERE id <= (SELECT max(id) FROM gyre_rejections) - $1";
        trim.Parameters.AddWithValue("$1", kept);
        trim.ExecuteNonQuery();
    }
}
