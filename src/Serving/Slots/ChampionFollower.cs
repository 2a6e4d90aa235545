using System.Collections.Concurrent;
using Gyre.Primitives;
using Gyre.Serving.Requests;
using Gyre.Tracking;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Serving.Slots;

/// <summary>
/// Keeps the slots on the registry's champions: at once when this process moves the alias, and by polling when another
/// process does. A version that cannot be loaded is tried again every few seconds while the present one goes on
/// serving. Thread-safe.
/// </summary>
public sealed class ChampionFollower : BackgroundService
{
    private readonly ModelRegistry _registry;
    private readonly ModelSlots _slots;
    private readonly ServingOptions _options;
    private readonly ILogger<ChampionFollower> _logger;
    private readonly ConcurrentDictionary<string, LoadFailure> _failed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _suspended = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly SemaphoreSlim _moved = new(0);
    private volatile bool _settled;

    internal ChampionFollower(
        ModelRegistry registry, ModelSlots slots, ServingOptions options, ILogger<ChampionFollower> logger) =>
        (_registry, _slots, _options, _logger) = (registry, slots, options, logger);

    /// <summary>Whether the registry has been read and every champion in it is served.</summary>
    public bool IsReady => _settled && _failed.IsEmpty;

    /// <summary>The champions that cannot be loaded, and why.</summary>
    public IReadOnlyList<LoadFailure> Failures => [.. _failed.Values];

    /// <summary>
    /// Brings the slots in line with the registry now; returns when they are. For callers that have just moved an
    /// alias and want the next prediction to come from it.
    /// </summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            var champions = _registry.VersionsByAlias(_options.Alias).Where(champion => !IsSuspended(champion.Key))
                .ToDictionary(StringComparer.Ordinal);
            foreach (var (model, version) in champions) await FollowAsync(model, version, cancellationToken);
            foreach (var served in _slots.Served)
            {
                if (!champions.ContainsKey(served.Model)) _slots.Withdraw(served.Model);
            }

            foreach (var model in _failed.Keys)
            {
                if (!champions.ContainsKey(model)) _failed.TryRemove(model, out _);
            }

            _settled = true;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>Whether a model is taken out of service by <see cref="SuspendAsync"/>.</summary>
    public bool IsSuspended(string model) => _suspended.ContainsKey(model);

    /// <summary>
    /// Takes a model out of service and out of memory, on this server and until <see cref="ResumeAsync"/> or the next
    /// start; its champion may move meanwhile. Requests under way end normally.
    /// </summary>
    /// <exception cref="GyreException">The model has no champion.</exception>
    public async Task SuspendAsync(string model, CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            RequireChampion(model);
            _suspended[model] = true;
            _slots.Withdraw(model);
            _failed.TryRemove(model, out _);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>
    /// Serves a model's champion and loads it; returns when it is in memory. A model that cannot be loaded stays as it
    /// was.
    /// </summary>
    /// <exception cref="GyreException">The model has no champion, or that cannot be loaded.</exception>
    public async Task ResumeAsync(string model, CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            var version = RequireChampion(model);
            await _slots.EnsureLoadedAsync(model, version, cancellationToken);
            await _slots.SwapAsync(model, version, cancellationToken);
            _suspended.TryRemove(model, out _);
            _failed.TryRemove(model, out _);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    private int RequireChampion(string model) => _registry.GetByAlias(model, _options.Alias)?.Version
        ?? throw GyreException.NotFound(
            $"No version of '{RequestRejectedException.Shorten(model)}' is its {_options.Alias}.");

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _registry.AliasChanged += OnAliasChanged;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await RefreshAsync(stoppingToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    Log.CannotReadRegistry(_logger, failure);
                }

                await _moved.WaitAsync(_options.RegistryPollInterval, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host is stopping.
        }
        finally
        {
            _registry.AliasChanged -= OnAliasChanged;
        }
    }

    private void OnAliasChanged(AliasChange change)
    {
        if (change.Alias == _options.Alias) _moved.Release();
    }

    private async Task FollowAsync(string model, int version, CancellationToken cancellationToken)
    {
        var served = _slots.VersionOf(model);
        if (served == version)
        {
            _failed.TryRemove(model, out _);
            return;
        }

        // Of very many models only some are loaded before anyone asks; a model that serves is always replaced by one
        // that is loaded, so that a broken version never takes over.
        if (served is null && !_settled && _slots.Loaded.Count >= _options.PreloadedModels)
        {
            _slots.Offer(model, version);
            return;
        }

        try
        {
            await _slots.SwapAsync(model, version, cancellationToken);
            _failed.TryRemove(model, out _);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _failed[model] = new LoadFailure(model, version, failure.Message);
        }
    }
}
