using System.Text.Json;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Primitives;
using Gyre.Serving.Traffic;

namespace Gyre.Loop.Deployment;

/// <summary>Traffic policies by which candidates of the loop are tried out; servers follow them.</summary>
internal static class Rollout
{
    /// <summary>The policy's name, for people.</summary>
    public static string Name(PipelineDefinition definition) =>
        definition.Deployment.Policy.ToString().ToLowerInvariant();

    /// <summary>
    /// Why no candidate can be tried out now, or null: what is under way comes to its end first, or newer candidates would
    /// never let an older one get there. A shadow has no end of its own and gives way to the next.
    /// </summary>
    public static string? Obstacle(Workspace workspace, PipelineDefinition definition) =>
        definition.Deployment.Policy != DeploymentPolicy.Promote
        && workspace.Traffic.ActivePolicy(definition.Model) is { } active
        && (active, definition.Deployment.Policy) is not ("shadow", DeploymentPolicy.Shadow)
            ? $"the traffic policy '{active}' of '{definition.Model}' is under way" : null;

    /// <summary>Sets a policy; it and the ledger's entries about it are one transaction.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="model">The model.</param>
    /// <param name="policy">The policy, with its challenger.</param>
    /// <param name="entry">Why.</param>
    /// <param name="by">Who sets it.</param>
    /// <param name="cancellationToken">Honoured until the change begins.</param>
    /// <exception cref="GyreException">There is no champion to compare with.</exception>
    public static Task BeginAsync(
        Workspace workspace, string model, JsonElement policy, LedgerEntry entry, string by,
        CancellationToken cancellationToken)
    {
        var traffic = TrafficLedger.Of(workspace.Database);
        return TrafficControl.Open(workspace.Database, workspace.Registry, workspace.Time, (connection, happened) =>
        {
            LedgerStore.Append(connection, entry);
            traffic(connection, happened);
        }).SetAsync(model, policy, by, cancellationToken);
    }
}
