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
            await journal.RecordAsync(LedgerKind.Refusal,
                $"not promoted: {string.Join("; ", refused.Select(g => $"{g.Name}: {g.Evidence}"))}",
                new { gates }, package.Version?.Version, cancellationToken);
            return false;
        }

        var entry = journal.Entry(LedgerKind.Promotion,
            string.Create(CultureInfo.InvariantCulture, $"version {version.Version} is champion: all {gates.Length} gates passed"),
            new { gates }, version.Version);
        await new Promotion(workspace).PromoteAsync(model, version.Version, entry, cancellationToken);
        if (workspace.Registry.GetByAlias(model, ModelAliases.Challenger)?.Version == version.Version)
            await workspace.Registry.RemoveAliasAsync(model, ModelAliases.Challenger, "promoted", cancellationToken);
        return true;
    }
}
