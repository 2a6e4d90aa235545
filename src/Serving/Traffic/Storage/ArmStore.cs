using System.Data.Common;
using Gyre.Serving.Traffic.Canary;
using Gyre.Serving.Traffic.Statistics;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Serving.Traffic.Storage;

/// <summary>Whose counts: an arm in one step of one policy.</summary>
internal readonly record struct ArmKey(string Model, long Epoch, int Step, string Arm);

/// <summary>
/// The table <c>gyre_traffic_arms</c>. Each server keeps writing its own totals, so that a write may be repeated or
/// lost without harm and the sum over servers is what all saw. Thread-safe.
/// </summary>
internal sealed class ArmStore(TrackingDatabase database)
{
    /// <summary>Writes a server's totals.</summary>
    public Task WriteAsync(
        string server, IReadOnlyList<(ArmKey Key, ArmCounts Counts)> totals, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => Write(connection, server, totals), cancellationToken);

    /// <summary>What all servers counted for a policy, by step and arm.</summary>
    public IReadOnlyList<(ArmKey Key, ArmCounts Counts)> Read(string model, long epoch)
    {
        using var connection = database.OpenConnection();
        return [.. connection.Query(
            """
            SELECT step, arm, requests, failed, refused, latency FROM gyre_traffic_arms
            WHERE model = $1 AND epoch = $2
            """,
            reader => (
                new ArmKey(model, epoch, reader.GetInt32(0), reader.GetString(1)),
                new ArmCounts(reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4),
                    LatencyHistogram.Parse(reader.GetString(5)))),
            model, epoch)
            .GroupBy(row => row.Item1, row => row.Item2)
            .Select(group => (group.Key, group.Aggregate((sum, next) => sum.Add(next))))];
    }

    private static void Write(
        DbConnection connection, string server, IReadOnlyList<(ArmKey Key, ArmCounts Counts)> totals)
    {
        foreach (var (key, counts) in totals)
        {
            connection.Execute(
                """
                INSERT INTO gyre_traffic_arms (model, epoch, step, arm, server, requests, failed, refused, latency)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                ON CONFLICT (model, epoch, step, arm, server) DO UPDATE SET requests = excluded.requests,
                  failed = excluded.failed, refused = excluded.refused, latency = excluded.latency
                """,
                key.Model, key.Epoch, (long)key.Step, key.Arm, server, counts.Requests, counts.Failed, counts.Refused,
                counts.Latency.ToText());
        }
    }
}
