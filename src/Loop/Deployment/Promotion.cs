using Gyre.Loop.Ledger;
using Gyre.Primitives;
using Gyre.Tracking;

namespace Gyre.Loop.Deployment;

/// <summary>
/// Moves the champion alias. The move and its ledger entry are one transaction: neither is ever there without the other.
/// </summary>
/// <param name="workspace">The workspace.</param>
public sealed class Promotion(Workspace workspace)
{
    /// <summary>Makes a version champion.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">The version.</param>
    /// <param name="entry">What the ledger says of it.</param>
    /// <param name="cancellationToken">Honoured until the change begins.</param>
    public Task<AliasChange> PromoteAsync(
        string model, int version, LedgerEntry entry, CancellationToken cancellationToken) =>
        workspace.Registry.SetAliasAsync(
            model, ModelAliases.Champion, version, entry.Summary, connection => LedgerStore.Append(connection, entry),
            cancellationToken);

    /// <summary>Restores the champion before the present one.</summary>
    /// <returns>The move.</returns>
    /// <exception cref="GyreException">The model does not exist, or it never had another champion.</exception>
    public Task<AliasChange> RollBackAsync(string model, string reason, CancellationToken cancellationToken) =>
        RollBackAsync(model, reason, also: null, cancellationToken);

    /// <summary>As the other; <paramref name="also"/> is a second entry of the same transaction.</summary>
    internal Task<AliasChange> RollBackAsync(
        string model, string reason, LedgerEntry? also, CancellationToken cancellationToken)
    {
        var champion = workspace.Registry.GetByAlias(model, ModelAliases.Champion)
            ?? throw GyreException.NotFound($"model '{model}' has no champion");
        var previous = workspace.Registry.PreviousVersion(model, ModelAliases.Champion)
            ?? throw new GyreException(ErrorCode.Conflict,
                $"model '{model}': version {champion.Version} is the first champion; there is none to go back to");
        var entry = new LedgerEntry(0, workspace.Time.GetUtcNow(), model, LedgerKind.Rollback,
            $"version {previous} is champion again instead of version {champion.Version}: {reason}", null, previous,
            LoopJson.Evidence(new { from = champion.Version, to = previous, reason }));
        return workspace.Registry.RollbackAsync(model, ModelAliases.Champion, reason, connection =>
        {
            LedgerStore.Append(connection, entry);
            if (also is not null) LedgerStore.Append(connection, also);
        }, cancellationToken);
    }
}
