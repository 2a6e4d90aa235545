using Gyre.Serving.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Serving.Recording;

/// <summary>
/// Deletes records, with their feedback, that are older than their model's <see cref="LogPolicy.Keep"/>: every few minutes
/// a few blocks at a time, so that nobody waits for it.
/// </summary>
internal sealed class LogRetention(
    PredictionStore store, ServingOptions options, TimeProvider time, ILogger<LogRetention> logger) : BackgroundService
{
    private const int BlocksPerStep = 64;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>Deletes what is too old now; returns how many records that were.</summary>
    public async Task<long> DeleteOldAsync(CancellationToken cancellationToken)
    {
        var deleted = 0L;
        foreach (var (model, policy) in options.LogPolicies)
        {
            if (policy.Keep is not { } keep) continue;
            var before = time.GetUtcNow() - keep;
            while (await store.DeleteAsync(model, before, BlocksPerStep, cancellationToken) is var rows and > 0)
            {
                deleted += rows;
                await Task.Yield();
            }
        }

        return deleted;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.LogPolicies.Values.Any(policy => policy.Keep is not null)) return;
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                var deleted = await DeleteOldAsync(stoppingToken);
                if (deleted > 0) Log.OldPredictionsDeleted(logger, deleted);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                Log.CannotDeletePredictions(logger, failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
