using System.Data.Common;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Serving.Storage;

/// <summary>A refused request, as it is stored.</summary>
internal sealed record RejectionRow(string Model, DateTimeOffset At, string Reason, string? Column, string Message);

/// <summary>Writes refused requests. Thread-safe.</summary>
internal sealed class RejectionStore(TrackingDatabase database)
{
    /// <summary>Stores the rows and removes the oldest beyond <paramref name="kept"/>.</summary>
    public Task AppendAsync(IReadOnlyList<RejectionRow> rows, int kept, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => Append(connection, rows, kept), cancellationToken);

    private static void Append(DbConnection connection, IReadOnlyList<RejectionRow> rows, int kept)
    {
        using var insert = connection.Command(
            "INSERT INTO gyre_rejections (model, at, reason, column_name, message) VALUES ($1, $2, $3, $4, $5)",
            "", 0L, "", "", "");
        foreach (var row in rows)
        {
            insert.Set(0, row.Model);
            insert.Set(1, row.At.ToUnixTimeMilliseconds());
            insert.Set(2, row.Reason);
            insert.Set(3, row.Column);
            insert.Set(4, row.Message);
            insert.ExecuteNonQuery();
        }

        connection.Execute("DELETE FROM gyre_rejections WHERE id <= (SELECT max(id) FROM gyre_rejections) - $1", kept);
    }
}
