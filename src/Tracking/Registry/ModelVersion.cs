using System.Collections.Immutable;

namespace Gyre.Tracking;

/// <summary>A version of a registered model; its package folder was complete before it became visible.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">1, 2, 3…; a deleted version's number is not used again.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="Folder">
/// The package folder on this machine; empty when another MLflow client stored it elsewhere.
/// </param>
/// <param name="Source">The package folder's URI as it is stored.</param>
/// <param name="RunId">The run that made it, if known.</param>
/// <param name="Description">A description for people, or null.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Aliases">The aliases that point at it, sorted.</param>
public sealed record ModelVersion(
    string Model,
    int Version,
    DateTimeOffset CreatedAt,
    string Folder,
    string Source,
    string? RunId,
    string? Description,
    ImmutableSortedDictionary<string, string> Tags,
    ImmutableArray<string> Aliases);
