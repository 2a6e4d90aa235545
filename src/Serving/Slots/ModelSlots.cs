using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gyre.Primitives;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Traffic;
using Microsoft.Extensions.Logging;

namespace Gyre.Serving.Slots;

/// <summary>A model version that is served.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The version.</param>
public sealed record ServedVersion(string Model, int Version);

/// <summary>A version that could not be loaded.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The version.</param>
/// <param name="Reason">Why, in one line.</param>
public sealed record LoadFailure(string Model, int Version, string Reason);

/// <summary>What answers for a model changed.</summary>
/// <param name="Model">The model.</param>
/// <param name="From">The version before; null when the model was not served.</param>
/// <param name="To">The version now; null when the model is no longer served.</param>
public sealed record ChampionChange(string Model, int? From, int? To);

/// <summary>
/// The loaded versions of models, and which of them answers for each model. A version is loaded when it takes over or
/// when it is first asked for, and unloaded when the memory for models is needed for others and it was not asked for
/// the longest. A swap is atomic: a request runs wholly on the old version or wholly on the new one; a version is
/// disposed when its last request has ended. Thread-safe.
/// </summary>
public sealed class ModelSlots : IDisposable
{
    private static readonly TimeSpan RetryFailed = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, int> _champions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ServedVersion, Shared<ServedModel>> _loaded = new();
    private readonly ConcurrentDictionary<ServedVersion, Failure> _failures = new();
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly VersionLoader _loader;
    private readonly Func<ServedVersion, string> _folderOf;
    private readonly ServingOptions _options;
    private readonly ServingMetrics _metrics;
    private readonly ILogger<ModelSlots> _logger;

    internal ModelSlots(VersionLoader loader, Func<ServedVersion, string> folderOf, ServingOptions options,
        ServingMetrics metrics, ILogger<ModelSlots> logger)
    {
        (_loader, _folderOf, _options, _metrics, _logger) = (loader, folderOf, options, metrics, logger);
        metrics.Meter.CreateObservableGauge("gyre.served.model.version", ObserveVersions, null,
            "The version of each model that is served.");
        metrics.Meter.CreateObservableGauge("gyre.models.loaded", () => _loaded.Count, null,
            "Model versions that are in memory.");
        metrics.Meter.CreateObservableGauge("gyre.models.loaded.size", () => LoadedBytes, "By",
            "Memory that the loaded model versions take, as well as can be told.");
    }

    /// <summary>
    /// A version could not be loaded, told once per reason. A handler must be quick and must not throw.
    /// </summary>
    public event Action<LoadFailure>? LoadFailed;

    /// <summary>A version has been loaded. A handler must be quick and must not throw.</summary>
    public event Action<ServedVersion>? VersionLoaded;

    /// <summary>
    /// Another version answers for a model, or none any more. A handler must be quick and must not throw.
    /// </summary>
    public event Action<ChampionChange>? ChampionChanged;

    /// <summary>What answers for each model when no version is named.</summary>
    public IReadOnlyList<ServedVersion> Served =>
        [.. _champions.Select(pair => new ServedVersion(pair.Key, pair.Value))];

    /// <summary>The versions in memory.</summary>
    public IReadOnlyList<ServedVersion> Loaded => [.. _loaded.Keys];

    /// <summary>The memory that the versions take, in bytes, as well as can be told.</summary>
    public long LoadedBytes =>
        _loaded.Values.Select(slot => slot.Value.Scorer).Distinct().Sum(scorer => scorer.SizeBytes);

    /// <summary>The version that answers for a model, or null.</summary>
    public int? VersionOf(string model) => _champions.TryGetValue(model, out var version) ? version : null;

    /// <summary>
    /// Serves a version in place of the present one. The new version is loaded and has predicted before it takes over;
    /// returns when it has. Does nothing when that version is served already.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Ends the wait for other loads.</param>
    /// <exception cref="GyreException">The package cannot be loaded; the present version stays.</exception>
    public async Task SwapAsync(string model, int version, CancellationToken cancellationToken)
    {
        if (VersionOf(model) == version) return;
        using var span = ServingTraces.Swap(model, VersionOf(model), version);
        using (await HoldAsync(new ServedVersion(model, version), cancellationToken)) Publish(model, version);
    }

    /// <summary>Serves a version of a model that is not served yet; it is loaded when it is first asked for.</summary>
    public void Offer(string model, int version)
    {
        if (!_champions.TryAdd(model, version)) return;
        _metrics.Measurements.Serve(model);
        Log.Offered(_logger, model, version);
        ChampionChanged?.Invoke(new ChampionChange(model, null, version));
    }

    /// <summary>Loads a version, so that the first request for it need not wait.</summary>
    /// <exception cref="GyreException">It cannot be loaded.</exception>
    public async Task EnsureLoadedAsync(string model, int version, CancellationToken cancellationToken) =>
        (await HoldAsync(new ServedVersion(model, version), cancellationToken)).Dispose();

    /// <summary>Stops serving a model; requests under way end normally.</summary>
    public void Withdraw(string model)
    {
        if (!_champions.TryRemove(model, out var version)) return;
        foreach (var loaded in _loaded.Keys.Where(key => key.Model == model)) Unload(loaded);
        _metrics.Measurements.Withdraw(model);
        Log.Withdrawn(_logger, model);
        ChampionChanged?.Invoke(new ChampionChange(model, version, null));
    }

    /// <summary>Lets go of all versions. Called after the last request.</summary>
    public void Dispose()
    {
        foreach (var loaded in _loaded.Keys) Unload(loaded);
        _loading.Dispose();
    }

    /// <summary>Holds the version that answers for a model by the choice of its traffic policy.</summary>
    /// <exception cref="GyreException">The model is not served, or the version cannot be loaded.</exception>
    internal ValueTask<ModelHold> HoldAsync(string model, TrafficChoice choice, CancellationToken cancellationToken)
    {
        if (!_champions.TryGetValue(model, out var version)) throw NotServed(model);
        if (choice.Version is { } chosen) version = chosen;
        if (TryHold(new ServedVersion(model, version)) is { } hold)
            return new ValueTask<ModelHold>(hold with { Choice = choice });
        return HoldSlowlyAsync(model, choice, cancellationToken);
    }

    /// <summary>Holds a version, which is loaded if it is not.</summary>
    /// <exception cref="GyreException">There is no such version, or it cannot be loaded.</exception>
    internal ValueTask<ModelHold> HoldAsync(ServedVersion version, CancellationToken cancellationToken) =>
        TryHold(version) is { } hold
            ? new ValueTask<ModelHold>(hold) : new ValueTask<ModelHold>(LoadAsync(version, cancellationToken));

    /// <summary>Makes room after a loaded version began to take more memory.</summary>
    internal async Task GrewAsync(ServedVersion version, CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            MakeRoom(version);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Why a version could not be loaded when that was last tried; null when it could, or was not.</summary>
    internal string? FailureOf(ServedVersion version) =>
        _failures.TryGetValue(version, out var failure) ? failure.Cause.Message : null;

    /// <summary>When a version in memory was last asked for; null when it is in none.</summary>
    internal TimeSpan? SinceAsked(ServedVersion version) => _loaded.TryGetValue(version, out var slot)
        ? TimeSpan.FromMilliseconds(Environment.TickCount64 - slot.Value.LastUsed) : null;

    /// <summary>The version that answers for a model if it is in memory; not held.</summary>
    internal ServedModel? LoadedOf(string model) =>
        _champions.TryGetValue(model, out var version)
        && _loaded.TryGetValue(new ServedVersion(model, version), out var slot) ? slot.Value : null;

    private async ValueTask<ModelHold> HoldSlowlyAsync(
        string model, TrafficChoice choice, CancellationToken cancellationToken)
    {
        while (true)
        {
            // A champion that is not loaded may just have been replaced: its successor is.
            var version = choice.Version ?? VersionOf(model) ?? throw NotServed(model);
            if (TryHold(new ServedVersion(model, version)) is { } hold) return hold with { Choice = choice };
            if (choice.Version is null && VersionOf(model) != version) continue;
            return (await LoadAsync(new ServedVersion(model, version), cancellationToken)) with { Choice = choice };
        }
    }

    private ModelHold? TryHold(ServedVersion version)
    {
        if (!_loaded.TryGetValue(version, out var slot) || !slot.TryHold()) return null;
        slot.Value.Touch();
        return new ModelHold(slot);
    }

    // One load at a time: hundreds of models may be asked for at once, and each takes memory while it loads.
    private async Task<ModelHold> LoadAsync(ServedVersion version, CancellationToken cancellationToken)
    {
        if (_failures.TryGetValue(version, out var failed) && !failed.IsOver(RetryFailed)) throw failed.Again();
        await _loading.WaitAsync(cancellationToken);
        string? folder = null;
        try
        {
            if (TryHold(version) is { } hold) return hold;
            folder = await Task.Run(() => _folderOf(version), cancellationToken);
            var fresh = await Task.Run(
                () => _loader.Load(version.Model, version.Version, folder), cancellationToken);
            var slot = new Shared<ServedModel>(fresh);
            slot.TryHold(); // the caller's; the first is the slot's own
            _loaded[version] = slot;
            _failures.TryRemove(version, out _);
            MakeRoom(version);
            VersionLoaded?.Invoke(version);
            return new ModelHold(slot);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // A version that does not exist is its asker's mistake: nothing is to be told, nor kept for every number.
            if (folder is not null) Remember(version, failure);
            throw;
        }
        finally
        {
            _loading.Release();
        }
    }

    private void Publish(string model, int version)
    {
        int? old = _champions.TryGetValue(model, out var present) ? present : null;
        _champions[model] = version;
        _metrics.Measurements.Serve(model);
        if (old is { } replaced) Unload(new ServedVersion(model, replaced));
        _metrics.Swapped(model);
        Log.Serving(_logger, model, version);
        ChampionChanged?.Invoke(new ChampionChange(model, old, version));
    }

    private void MakeRoom(ServedVersion newest)
    {
        while (LoadedBytes > _options.ModelMemoryBytes)
        {
            var oldest = _loaded.Where(pair => pair.Key != newest).OrderBy(pair => pair.Value.Value.LastUsed)
                .Select(pair => pair.Key).FirstOrDefault();
            if (oldest is null) return;
            Log.Unloaded(_logger, oldest.Model, oldest.Version);
            Unload(oldest);
        }
    }

    private void Unload(ServedVersion version)
    {
        if (_loaded.TryRemove(version, out var slot)) slot.Release();
    }

    private void Remember(ServedVersion version, Exception failure)
    {
        var known = _failures.TryGetValue(version, out var before) && before.Cause.Message == failure.Message;
        _failures[version] = new Failure(failure, Stopwatch.GetTimestamp());
        if (known) return;
        // Told once: the next tries usually fail in the same way, for a model of another kind for ever.
        Log.CannotLoad(_logger, version.Model, version.Version, failure);
        LoadFailed?.Invoke(new LoadFailure(version.Model, version.Version, failure.Message));
    }

    private static GyreException NotServed(string model) =>
        GyreException.NotFound($"No model '{RequestRejectedException.Shorten(model)}' is served.");

    private IEnumerable<Measurement<int>> ObserveVersions() => _champions.Select(pair =>
        new Measurement<int>(pair.Value, new KeyValuePair<string, object?>("model", pair.Key)));

    private sealed record Failure(Exception Cause, long Timestamp)
    {
        public bool IsOver(TimeSpan pause) => Stopwatch.GetElapsedTime(Timestamp) > pause;

        public GyreException Again() =>
            new((Cause as GyreException)?.Code ?? ErrorCode.Unavailable, Cause.Message, Cause);
    }
}
