using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Serving.Traffic;

/// <summary>
/// Follows changes of policies, at once after those of this process and by polling otherwise; writes what was counted;
/// and has policies under way looked at.
/// </summary>
internal sealed class TrafficService(
    TrafficFollower follower, TrafficSteward steward, TrafficChanges changes, ServingOptions options,
    ILogger<TrafficService> logger) : BackgroundService
{
    private readonly SemaphoreSlim _changed = new(0);

    /// <summary>Writes what was counted and looks at each policy under way; returns when the router follows.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await follower.WriteCountsAsync(cancellationToken);
        foreach (var row in follower.Active)
        {
            try
            {
                await steward.LookAsync(row, follower.FailureOf(row.Model), cancellationToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // What one model's decision fails for must not keep those of the others from being taken.
                Log.CannotDecideAboutTraffic(logger, row.Model, failure);
            }
        }

        await follower.RefreshAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        changes.Changed += OnChanged;
        var looked = Stopwatch.GetTimestamp();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await follower.RefreshAsync(stoppingToken);
                    if (Stopwatch.GetElapsedTime(looked) >= options.TrafficInterval)
                    {
                        looked = Stopwatch.GetTimestamp();
                        await LookAsync(stoppingToken);
                    }
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // One failed look must not end the watch: policies stay where they are until the next.
                    Log.CannotLookAtTraffic(logger, failure);
                }

                await _changed.WaitAsync(options.RegistryPollInterval, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host is stopping.
        }
        finally
        {
            changes.Changed -= OnChanged;
        }
    }

    private void OnChanged(TrafficEvent happened) => _changed.Release();
}
