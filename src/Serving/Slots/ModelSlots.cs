using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Serving.Http;
using Gyre.Serving.Traffic;
using Gyre.Tabular;
using Microsoft.Extensions.Logging;

namespace Gyre.Serving.Slots;

/// <summary>A model version that is served.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The version.</param>
public sealed record ServedVersion(string Model, int Version);

/// <summary>
/// The served version of each model. A swap is atomic: a request runs wholly on the old version or wholly on the new
/// one; the old one is disposed when its last request has ended. Thread-safe.
/// </summary>
public sealed class ModelSlots : IDisposable
{
    private readonly ConcurrentDictionary<string, Shared<ServedModel>> _slots = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _swapping = new(1, 1);
    private readonly ScorerLoader _load;
    private readonly ServingMetrics _metrics;
    private readonly ILogger<ModelSlots> _logger;

    internal ModelSlots(ScorerLoader load, ServingMetrics metrics, ILogger<ModelSlots> logger)
    {
        (_load, _metrics, _logger) = (load, metrics, logger);
        metrics.Meter.CreateObservableGauge("gyre.served.model.version", ObserveVersions, null,
            "The version of each model that is served.");
    }

    /// <summary>What is served now.</summary>
    public IReadOnlyList<ServedVersion> Served =>
        [.. _slots.Values.Select(slot => new ServedVersion(slot.Value.Name, slot.Value.Version))];

    /// <summary>The served version of a model, or null.</summary>
    public int? VersionOf(string model) => _slots.TryGetValue(model, out var slot) ? slot.Value.Version : null;

    /// <summary>
    /// Serves a version in place of the present one. The new version is loaded and has predicted once before it takes
    /// over; returns when it has. Does nothing when that version is served already.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="version">The version.</param>
    /// <param name="packageFolder">Its package.</param>
    /// <param name="cancellationToken">Ends the wait for another swap.</param>
    /// <exception cref="GyreException">The package cannot be loaded; the present version stays.</exception>
    public async Task SwapAsync(string model, int version, string packageFolder, CancellationToken cancellationToken)
    {
        await _swapping.WaitAsync(cancellationToken);
        try
        {
            if (VersionOf(model) == version) return;
            var fresh = await Task.Run(() => Load(model, version, packageFolder), cancellationToken);
            var old = Exchange(model, new Shared<ServedModel>(fresh));
            old?.Release();
            _metrics.Swapped(model);
            Log.Serving(_logger, model, version);
        }
        finally
        {
            _swapping.Release();
        }
    }

    /// <summary>Stops serving a model; requests under way end normally.</summary>
    public async Task WithdrawAsync(string model, CancellationToken cancellationToken)
    {
        await _swapping.WaitAsync(cancellationToken);
        try
        {
            if (!_slots.TryRemove(model, out var old)) return;
            old.Release();
            Log.Withdrawn(_logger, model);
        }
        finally
        {
            _swapping.Release();
        }
    }

    /// <summary>Lets go of all versions. Called after the last request.</summary>
    public void Dispose()
    {
        foreach (var model in _slots.Keys)
        {
            if (_slots.TryRemove(model, out var slot)) slot.Release();
        }

        _swapping.Dispose();
    }

    /// <summary>Holds the served version of a model for one request; null when none is served.</summary>
    internal ModelHold? Hold(string model)
    {
        // A slot that can no longer be held has just been replaced: the next look finds its successor.
        while (_slots.TryGetValue(model, out var slot))
        {
            if (slot.TryHold()) return new ModelHold(slot);
        }

        return null;
    }

    /// <summary>Holds the version that a traffic policy chose.</summary>
    /// <exception cref="GyreException">It is not served.</exception>
    internal ValueTask<ModelHold> HoldAsync(
        string model, TrafficChoice choice, CancellationToken cancellationToken) =>
        HoldAsync(model, choice.Version?.ToString(CultureInfo.InvariantCulture), choice, cancellationToken);

    /// <summary>Holds the version that a client named.</summary>
    /// <exception cref="GyreException">It is not served.</exception>
    internal ValueTask<ModelHold> HoldAsync(string model, string version, CancellationToken cancellationToken) =>
        HoldAsync(model, version, TrafficChoice.Champion, cancellationToken);

    private ValueTask<ModelHold> HoldAsync(
        string model, string? version, TrafficChoice choice, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var hold = ServedModels.Hold(this, model, version);
        return ValueTask.FromResult(hold with { Choice = choice });
    }

    private Shared<ServedModel>? Exchange(string model, Shared<ServedModel> fresh)
    {
        _slots.TryGetValue(model, out var old);
        _slots[model] = fresh;
        return old;
    }

    private ServedModel Load(string model, int version, string folder)
    {
        var scorer = _load(folder);
        try
        {
            // The first prediction allocates what the later ones use again; no client should wait for that.
            scorer.Score(new TableInputs(EmptyRow(scorer.Inputs)));
            return new ServedModel(model, version, scorer);
        }
        catch
        {
            scorer.Dispose();
            throw;
        }
    }

    private static Table EmptyRow(Schema schema) => new(schema.Select(column => (Column)(column.Type switch
    {
        ColumnType.Numeric => new Column<double>(column.Name, column.Type, [0]),
        ColumnType.Integer or ColumnType.Timestamp => new Column<long>(column.Name, column.Type, [0]),
        ColumnType.Boolean => new Column<bool>(column.Name, column.Type, [false]),
        ColumnType.Image when column.Image is { } shape => new ImageColumn(column.Name, shape, new byte[shape.Size]),
        _ => CategoricalColumn.FromValues(column.Name, column.Type, [""]),
    })));

    private IEnumerable<Measurement<int>> ObserveVersions() => _slots.Values.Select(slot =>
        new Measurement<int>(slot.Value.Version, new KeyValuePair<string, object?>("model", slot.Value.Name)));
}
