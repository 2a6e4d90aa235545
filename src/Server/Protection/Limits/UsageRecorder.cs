using System.Data.Common;
using Gyre.Server.Protection.Keys;
using Gyre.Tracking;
using Gyre.Tracking.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Server.Protection.Limits;

/// <summary>
/// Adds what keys used of their quotas to the store each second and at the end, and takes note of what other servers
/// added: they share a quota to within a second's requests, and a killed server forgets at most a second.
/// </summary>
internal sealed class UsageRecorder(
    TrackingDatabase database, KeyRing ring, TimeProvider time, ILogger<UsageRecorder> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(62);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the server listens: a quota that is used up stays so over a restart.
        var oldest = (time.GetUtcNow() - Kept).ToUnixTimeMilliseconds();
        await database.WriteAsync(connection =>
            connection.Execute("DELETE FROM gyre_api_usage WHERE period_start < $1", oldest), cancellationToken);
        await FlushAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync(cancellationToken);
    }

    /// <summary>Stores now what was used.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var counts = new List<(string Key, QuotaCount Count, DateTimeOffset Start, long Used)>();
        foreach (var use in ring.Uses)
        {
            if (use.Quota is not { } count) continue;
            var (start, used) = count.Untold();
            counts.Add((use.Key.Id, count, start, used));
        }

        if (counts.Count == 0) return;
        var totals = counts.Exists(entry => entry.Used > 0)
            ? await database.WriteAsync(
                connection => counts.ConvertAll(entry => Add(connection, entry.Key, entry.Start, entry.Used)),
                cancellationToken)
            : Read(counts.ConvertAll(entry => (entry.Key, entry.Start)));
        for (var i = 0; i < counts.Count; i++) counts[i].Count.Stored(counts[i].Start, counts[i].Used, totals[i]);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        var failing = false;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await FlushAsync(stoppingToken);
                    failing = false;
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    if (!failing) Log.CannotStoreUsage(logger, failure);
                    failing = true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host is stopping.
        }
    }

    private List<long> Read(List<(string Key, DateTimeOffset Start)> keys)
    {
        using var connection = database.OpenConnection();
        return keys.ConvertAll(key => Total(connection, key.Key, key.Start));
    }

    private static long Add(DbConnection connection, string key, DateTimeOffset start, long used)
    {
        if (used > 0)
        {
            connection.Execute(
                """
                INSERT INTO gyre_api_usage (key_id, period_start, used) VALUES ($1, $2, $3)
                ON CONFLICT (key_id, period_start) DO UPDATE SET used = gyre_api_usage.used + excluded.used
                """, key, start.ToUnixTimeMilliseconds(), used);
        }

        return Total(connection, key, start);
    }

    private static long Total(DbConnection connection, string key, DateTimeOffset start) =>
        connection.Scalar("SELECT used FROM gyre_api_usage WHERE key_id = $1 AND period_start = $2",
            key, start.ToUnixTimeMilliseconds()) is long used ? used : 0;
}
