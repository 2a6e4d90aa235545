using System.Collections.Immutable;
using System.Globalization;
using Gyre.Loop.Deployment;
using Gyre.Loop.Ledger;
using Gyre.Tracking;

namespace Gyre.Loop.Runs;

/// <summary>Makes the candidate champion when every gate passed; otherwise it stays challenger.</summary>
internal sealed class DecisionStep(Workspace workspace, RunJournal journal)
{
    public async Task<bool> RunAsync(
        string model, CandidatePackage package, ImmutableArray<GateOutcome> gates, CancellationToken cancellationToken)
    {
        var refused = gates.Where(gate => !gate.Passed).ToList();
        if (package.Version is not { } version || refused.Count > 0)
        {
            await RefuseAsync(model, package.Version?.Version, journal.Entry(LedgerKind.Refusal,
                $"not promoted: {string.Join("; ", refused.Select(g => $"{g.Name}: {g.Evidence}"))}",
                new { gates }, package.Version?.Version), cancellationToken);
            return false;
        }

        var entry = journal.Entry(LedgerKind.Promotion,
            string.Create(CultureInfo.InvariantCulture, $"version {version.Version} is champion: all {gates.Length} gates passed"),
            new { gates }, version.Version);
        await new Promotion(workspace).PromoteAsync(model, version.Version, entry, cancellationToken);
        // The decision is made: what follows from it is no longer cancelled.
        await workspace.Registry.RemoveAliasAsync(
            model, ModelAliases.Challenger, $"version {version.Version} is champion", CancellationToken.None);
        return true;
    }

    /// <summary>The refused version is the challenger; alias and ledger entry are one transaction.</summary>
    private Task RefuseAsync(string model, int? version, LedgerEntry entry, CancellationToken cancellationToken) =>
        version is { } refused
            ? workspace.Registry.SetAliasAsync(model, ModelAliases.Challenger, refused, entry.Summary,
                connection => LedgerStore.Append(connection, entry), cancellationToken)
            : workspace.Ledger.AppendAsync(entry, cancellationToken);
}
