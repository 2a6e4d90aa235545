using System.Data.Common;
using System.Text.Json.Nodes;
using Gyre.Primitives;
using Gyre.Serving.Traffic.Policies;
using Gyre.Serving.Traffic.Storage;
using Gyre.Tracking;

namespace Gyre.Serving.Traffic;

/// <summary>
/// Changes of policies. A change, what moves with it (the champion), and its event are one transaction, decided on one
/// revision: of two who change at the same time the second is told so. Thread-safe.
/// </summary>
internal sealed class TrafficChanges(
    TrafficStore store, ModelRegistry registry, TimeProvider time, TrafficEventSink sink, string alias)
{
    /// <summary>A policy was changed by this process, and that is committed.</summary>
    public event Action<TrafficEvent>? Changed;

    /// <summary>The champion of a model, or null.</summary>
    public int? ChampionOf(string model) => registry.GetByAlias(model, alias)?.Version;

    /// <summary>Demands that a version exists.</summary>
    /// <exception cref="GyreException">It does not.</exception>
    public void Require(string model, int version) => registry.Get(model, version);

    /// <summary>A version of a policy that no longer exists, or null.</summary>
    public int? MissingOf(TrafficRow row)
    {
        foreach (var version in row.Policy.Versions)
        {
            try
            {
                registry.Get(row.Model, version);
            }
            catch (GyreException failure) when (failure.Code is ErrorCode.NotFound)
            {
                return version;
            }
        }

        return null;
    }

    /// <summary>Stores what follows from a row.</summary>
    /// <param name="before">The row that it was decided on; null when there was none.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="state">Where it stands.</param>
    /// <param name="by">Who decided.</param>
    /// <param name="happened">What the ledger is told.</param>
    /// <param name="cancellationToken">Honoured until the change begins.</param>
    /// <returns>False when the row has changed meanwhile.</returns>
    public async Task<bool> TryAsync(
        TrafficRow? before, TrafficPolicy policy, TrafficState state, string by, TrafficEvent happened,
        CancellationToken cancellationToken)
    {
        var row = Next(before, happened.Model, policy, state, by);
        var done = await store.WriteAsync(connection => TryStore(connection, row, happened), cancellationToken);
        if (done) Changed?.Invoke(happened);
        return done;
    }

    /// <summary>As the other, and makes a version champion with it.</summary>
    public async Task<bool> TryPromoteAsync(
        TrafficRow before, int version, string by, TrafficEvent happened, CancellationToken cancellationToken)
    {
        var state = before.State with { Status = TrafficStatus.Finished, Reason = happened.Summary };
        var row = Next(before, happened.Model, before.Policy, state, by);
        try
        {
            await registry.SetAliasAsync(before.Model, alias, version, happened.Summary, Alongside, cancellationToken);
        }
        catch (StaleRevisionException)
        {
            return false;
        }

        Changed?.Invoke(happened);
        return true;

        void Alongside(DbConnection connection)
        {
            if (!TryStore(connection, row, happened)) throw new StaleRevisionException(before.Model);
        }
    }

    /// <summary>An event of now.</summary>
    public TrafficEvent Event(string model, string kind, string summary, int? version, JsonObject evidence) =>
        new(time.GetUtcNow(), model, kind, summary, version, evidence);

    private bool TryStore(DbConnection connection, TrafficRow row, TrafficEvent happened)
    {
        if (!TrafficStore.TryStore(connection, row)) return false;
        sink(connection, happened);
        return true;
    }

    private TrafficRow Next(TrafficRow? before, string model, TrafficPolicy policy, TrafficState state, string by) =>
        new(model, policy, state, (before?.Revision ?? 0) + 1, time.GetUtcNow(), by);
}

/// <summary>The row was changed by another, which undoes the transaction.</summary>
internal sealed class StaleRevisionException(string model)
    : GyreException(ErrorCode.Conflict, $"The traffic of '{model}' was changed by another at the same time.");
