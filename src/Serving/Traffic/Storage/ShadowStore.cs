using System.Data.Common;
using Gyre.Serving.Traffic.Shadow;
using Gyre.Serving.Traffic.Statistics;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Serving.Traffic.Storage;

/// <summary>
/// The table <c>gyre_shadow</c>: each server keeps writing its own totals, as in <see cref="ArmStore"/>. Thread-safe.
/// </summary>
internal sealed class ShadowStore(TrackingDatabase database)
{
    /// <summary>Writes a server's totals.</summary>
    public Task WriteAsync(
        string server, IReadOnlyList<((string Model, long Epoch) Policy, ShadowTotals Totals)> totals,
        CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            foreach (var (policy, sums) in totals) Write(connection, server, policy, sums);
        },
        cancellationToken);

    /// <summary>What all servers compared for a policy.</summary>
    public ShadowTotals Read(string model, long epoch)
    {
        using var connection = database.OpenConnection();
        return connection.Query(
            """
            SELECT requests, rows, equal_rows, numbers, absolute_difference, largest_difference, failed, dropped,
              champion_latency, challenger_latency
            FROM gyre_shadow WHERE model = $1 AND epoch = $2
            """,
            reader => new ShadowTotals(
                reader.GetInt64(0),
                new OutputDifference(reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetDouble(4),
                    reader.GetDouble(5)),
                reader.GetInt64(6), reader.GetInt64(7), LatencyHistogram.Parse(reader.GetString(8)),
                LatencyHistogram.Parse(reader.GetString(9))),
            model, epoch).Aggregate(ShadowTotals.Empty, (sum, next) => sum.Add(next));
    }

    private static void Write(
        DbConnection connection, string server, (string Model, long Epoch) policy, ShadowTotals totals) =>
        connection.Execute(
            """
            INSERT INTO gyre_shadow (model, epoch, server, requests, rows, equal_rows, numbers, absolute_difference,
              largest_difference, failed, dropped, champion_latency, challenger_latency)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (model, epoch, server) DO UPDATE SET requests = excluded.requests, rows = excluded.rows,
              equal_rows = excluded.equal_rows, numbers = excluded.numbers,
              absolute_difference = excluded.absolute_difference, largest_difference = excluded.largest_difference,
              failed = excluded.failed, dropped = excluded.dropped, champion_latency = excluded.champion_latency,
              challenger_latency = excluded.challenger_latency
            """,
            policy.Model, policy.Epoch, server, totals.Requests, totals.Difference.Rows, totals.Difference.EqualRows,
            totals.Difference.Numbers, totals.Difference.Absolute, totals.Difference.Largest, totals.Failed,
            totals.Dropped, totals.Champion.ToText(), totals.Challenger.ToText());
}
