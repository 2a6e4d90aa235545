using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gyre.Loop.Pipeline;

/// <summary>What becomes of a candidate that passed every gate.</summary>
public sealed record DeploymentSettings
{
    /// <summary>How it comes to answer requests. Default at once.</summary>
    public DeploymentPolicy Policy { get; init; }

    /// <summary>
    /// The traffic policy's settings as Serving takes them, without its challenger; null where the candidate is promoted
    /// at once.
    /// </summary>
    public string? Traffic { get; init; }

    /// <summary>The traffic policy for a version; null where it is promoted at once.</summary>
    public JsonElement? TrafficFor(int version)
    {
        if (Traffic is null || JsonNode.Parse(Traffic) is not JsonObject policy) return null;
        policy["challenger"] = version;
        return JsonElement.Parse(policy.ToJsonString());
    }
}

/// <summary>How a candidate that passed every gate comes to answer requests.</summary>
public enum DeploymentPolicy
{
    /// <summary>It is champion at once.</summary>
    Promote,

    /// <summary>It gets a growing share of the requests, and becomes champion or is taken back by itself.</summary>
    Canary,

    /// <summary>It is asked beside the champion and compared; a person decides.</summary>
    Shadow,
}
