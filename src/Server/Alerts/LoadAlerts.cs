using System.Threading.Channels;
using Gyre.Loop;
using Gyre.Loop.Alerts;
using Gyre.Loop.Ledger;
using Gyre.Serving;
using Gyre.Serving.Slots;
using Gyre.Tracking;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Server.Alerts;

/// <summary>
/// Opens an alert when a version cannot be loaded, with an entry in the ledger of what goes on serving, and ends it when
/// the version is loaded after all or nobody needs it any more. Serving only tells; what cannot be stored is tried again.
/// </summary>
internal sealed class LoadAlerts(
    ModelSlots slots, ModelRegistry registry, AlertStore alerts, ServingOptions serving, TimeProvider time,
    ILogger<LoadAlerts> logger) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly Channel<Func<CancellationToken, Task>> _changes =
        Channel.CreateUnbounded<Func<CancellationToken, Task>>(new UnboundedChannelOptions { SingleReader = true });

    private DateTimeOffset _started;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _started = time.GetUtcNow();
        slots.LoadFailed += OnLoadFailed;
        slots.VersionLoaded += OnLoaded;
        slots.ChampionChanged += OnChampionChanged;
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        slots.LoadFailed -= OnLoadFailed;
        slots.VersionLoaded -= OnLoaded;
        slots.ChampionChanged -= OnChampionChanged;
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in _changes.Reader.ReadAllAsync(stoppingToken))
                await StoreAsync(change, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The host is stopping: what is wrong then is found again by the next server.
        }
    }

    private async Task StoreAsync(Func<CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        for (var told = false; ; told = true)
        {
            try
            {
                await change(cancellationToken);
                return;
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                if (!told) Log.CannotStoreAlert(logger, failure);
            }

            await Task.Delay(Retry, time, cancellationToken);
        }
    }

    private void OnLoadFailed(LoadFailure failure)
    {
        var (at, serves) = (time.GetUtcNow(), slots.VersionOf(failure.Model));
        Tell(token => OpenAsync(failure, serves, at, token));
    }

    private void OnLoaded(ServedVersion loaded)
    {
        var at = time.GetUtcNow();
        Tell(token => alerts.ResolveAsync(loaded.Model, alert => alert.Version == loaded.Version, at,
            $"version {loaded.Version} is loaded after all", token));
    }

    private void OnChampionChanged(ChampionChange change)
    {
        var at = time.GetUtcNow();
        var why = change.To is { } version ? $"version {version} answers instead" : "the model is no longer served";
        Tell(token => alerts.ResolveAsync(change.Model,
            // The first champion after a start ends what an earlier server left, not what this one has just met.
            alert => alert.Version != change.To && (change.From is not null || alert.OpenedAt < _started), at, why, token));
    }

    private void Tell(Func<CancellationToken, Task> change) => _changes.Writer.TryWrite(change);

    private Task OpenAsync(LoadFailure failure, int? serves, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var champion = registry.GetByAlias(failure.Model, serving.Alias)?.Version;
        var kept = serves is { } version ? $"kept serving version {version}" : "the model is not served";
        var summary = $"{kept}, because version {failure.Version} cannot be loaded: {failure.Reason}";
        return alerts.OpenAsync(
            new Alert(0, failure.Model, AlertKind.ModelLoad, failure.Version, summary, at),
            new LedgerEntry(0, at, failure.Model, LedgerKind.ModelLoad, summary, null, failure.Version,
                LoopJson.Evidence(new { @event = "failed", cause = failure.Reason, serving = serves, champion })),
            cancellationToken);
    }
}
