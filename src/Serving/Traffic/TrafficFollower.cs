using System.Collections.Concurrent;
using System.Collections.Frozen;
using Gyre.Serving.Slots;
using Gyre.Serving.Traffic.Storage;

namespace Gyre.Serving.Traffic;

/// <summary>
/// Keeps the router on what the database says. A version is loaded before the first request is sent to it; while it
/// cannot be, the champion answers. Thread-safe.
/// </summary>
internal sealed class TrafficFollower(TrafficStore store, TrafficRouter router, TrafficCounts counts, ModelSlots slots)
    : IDisposable
{
    private readonly SemaphoreSlim _working = new(1, 1);
    private readonly ConcurrentDictionary<string, string> _failures = new(StringComparer.Ordinal);
    private (long Revisions, IReadOnlyList<TrafficRow> Rows) _known = (-1, []);

    /// <summary>The policies under way, as of the last refresh.</summary>
    public IReadOnlyList<TrafficRow> Active => _known.Rows;

    /// <summary>Why a model's policy cannot be followed, or null.</summary>
    public string? FailureOf(string model) => _failures.GetValueOrDefault(model);

    /// <summary>Brings the router in line with the database; returns when it is.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _working.WaitAsync(cancellationToken);
        try
        {
            // Rows are never removed and revisions only rise: the same sum is the same state.
            var revisions = store.SumOfRevisions();
            if (revisions != _known.Revisions) _known = (revisions, [.. store.List().Where(row => row.IsActive)]);
            var routed = new Dictionary<string, RoutedModel>(StringComparer.Ordinal);
            foreach (var row in _known.Rows)
            {
                // Of a model that is not served here nothing is kept in memory; other servers follow for themselves.
                if (slots.VersionOf(row.Model) is null || !await TryLoadAsync(row, cancellationToken)) continue;
                routed[row.Model] = router.Models.TryGetValue(row.Model, out var present)
                    && present.Row.Revision == row.Revision ? present : RoutedModel.Create(row, counts.Of);
            }

            if (!IsRouted(routed)) router.Models = routed.ToFrozenDictionary(StringComparer.Ordinal);
        }
        finally
        {
            _working.Release();
        }
    }

    /// <summary>Writes what was counted; completes after the commit.</summary>
    public Task WriteCountsAsync(CancellationToken cancellationToken) => counts.WriteAsync(
        [.. Active.Select(row => (row.Model, row.State.Epoch))], cancellationToken);

    public void Dispose() => _working.Dispose();

    private bool IsRouted(Dictionary<string, RoutedModel> routed) => routed.Count == router.Models.Count
        && routed.All(pair => router.Models.TryGetValue(pair.Key, out var present) && present == pair.Value);

    private async Task<bool> TryLoadAsync(TrafficRow row, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var version in row.Policy.Versions)
                await slots.EnsureLoadedAsync(row.Model, version, cancellationToken);
            if (await WrongKeyAsync(row, cancellationToken) is { } wrong) return Fail(row, wrong);
            _failures.TryRemove(row.Model, out _);
            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return Fail(row, $"a version cannot be loaded: {failure.Message}");
        }
    }

    private bool Fail(TrafficRow row, string reason)
    {
        _failures[row.Model] = reason;
        return false;
    }

    // Without its column every request would be dealt at random, which nobody would notice.
    private async Task<string?> WrongKeyAsync(TrafficRow row, CancellationToken cancellationToken)
    {
        if (row.Policy.KeyColumn is not { } column || slots.VersionOf(row.Model) is not { } champion) return null;
        using var hold = await slots.HoldAsync(new ServedVersion(row.Model, champion), cancellationToken);
        return hold.Model.Inputs.Schema.Any(input => input.Name == column) ? null
            : $"version {champion} has no input column '{column}' to take keys from";
    }
}
