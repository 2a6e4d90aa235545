using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Server.Protection.Keys;

/// <summary>Keeps the ring on the keys of the store, which other processes change.</summary>
internal sealed class KeyFollower(
    ApiKeyStore store, KeyRing ring, ProtectionOptions options, ILogger<KeyFollower> logger)
    : BackgroundService
{
    private long _revision = -1;

    /// <summary>Brings the ring in line with the store now.</summary>
    public void Refresh()
    {
        // Asked before the keys are read: a change in between is read twice rather than never.
        var revision = store.Revision();
        if (revision == _revision) return;
        ring.Replace(store.Load());
        _revision = revision;
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Refresh(); // before the server listens: the first request finds the keys
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The machine's own clock: a simulated one that stands still must not keep a revoked key alive.
        using var timer = new PeriodicTimer(options.KeyPollInterval);
        var failing = false;
        while (await NextAsync(timer, stoppingToken))
        {
            try
            {
                Refresh();
                failing = false;
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                if (!failing) Log.CannotReadKeys(logger, failure);
                failing = true;
            }
        }
    }

    private static async ValueTask<bool> NextAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
