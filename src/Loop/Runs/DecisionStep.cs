using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gyre.Loop.Deployment;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Tracking;

namespace Gyre.Loop.Runs;

/// <summary>
/// Deploys the candidate when every gate passed: as champion, or by the traffic policy that the pipeline asks for. A
/// candidate that is refused, or whose way is barred by a policy under way, stays challenger.
/// </summary>
internal sealed class DecisionStep(Workspace workspace, RunJournal journal)
{
    public async Task<Decision> RunAsync(
        PipelineDefinition definition, CandidatePackage package, ImmutableArray<GateOutcome> gates,
        CancellationToken cancellationToken)
    {
        var model = definition.Model;
        var refused = gates.Where(gate => !gate.Passed).ToList();
        if (package.Version is not { } version || refused.Count > 0)
        {
            await RefuseAsync(model, package.Version?.Version, journal.Entry(LedgerKind.Refusal,
                $"not promoted: {string.Join("; ", refused.Select(g => $"{g.Name}: {g.Evidence}"))}",
                new { gates }, package.Version?.Version), cancellationToken);
            return Decision.Refused;
        }

        // The first version has nobody to be compared with, and nobody else would answer.
        if (definition.Deployment.TrafficFor(version.Version) is { } policy
            && workspace.Registry.GetByAlias(model, ModelAliases.Champion) is not null)
            return await TryOutAsync(definition, version.Version, policy, gates, cancellationToken);
        await PromoteAsync(model, version.Version, gates, cancellationToken);
        return Decision.Promoted;
    }

    private async Task PromoteAsync(
        string model, int version, ImmutableArray<GateOutcome> gates, CancellationToken cancellationToken)
    {
        var entry = journal.Entry(LedgerKind.Promotion,
            string.Create(CultureInfo.InvariantCulture, $"version {version} is champion: all {gates.Length} gates passed"),
            new { gates }, version);
        await new Promotion(workspace).PromoteAsync(model, version, entry, cancellationToken);
        // The decision is made: what follows from it is no longer cancelled.
        await workspace.Registry.RemoveAliasAsync(
            model, ModelAliases.Challenger, $"version {version} is champion", CancellationToken.None);
    }

    private async Task<Decision> TryOutAsync(
        PipelineDefinition definition, int version, JsonElement policy, ImmutableArray<GateOutcome> gates,
        CancellationToken cancellationToken)
    {
        if (Rollout.Obstacle(workspace, definition) is { } obstacle)
        {
            await RefuseAsync(definition.Model, version, journal.Entry(LedgerKind.Refusal,
                $"not tried out, though all {gates.Length} gates passed: {obstacle}", new { gates, obstacle }, version),
                cancellationToken);
            return Decision.Refused;
        }

        var entry = journal.Entry(LedgerKind.Deployment, string.Create(CultureInfo.InvariantCulture,
            $"version {version} is tried out as {Rollout.Name(definition)}: all {gates.Length} gates passed"),
            new { gates }, version);
        await Rollout.BeginAsync(workspace, definition.Model, policy, entry, $"pipeline run {journal.RunId}", cancellationToken);
        return Decision.TriedOut;
    }

    /// <summary>The refused version is the challenger; alias and ledger entry are one transaction.</summary>
    private Task RefuseAsync(string model, int? version, LedgerEntry entry, CancellationToken cancellationToken) =>
        version is { } refused
            ? workspace.Registry.SetAliasAsync(model, ModelAliases.Challenger, refused, entry.Summary,
                connection => LedgerStore.Append(connection, entry), cancellationToken)
            : workspace.Ledger.AppendAsync(entry, cancellationToken);
}

/// <summary>What was decided about a candidate.</summary>
internal enum Decision
{
    /// <summary>It stays challenger, or was not registered.</summary>
    Refused,

    /// <summary>It is champion.</summary>
    Promoted,

    /// <summary>A traffic policy tries it out, and decides.</summary>
    TriedOut,
}
