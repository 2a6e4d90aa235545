using System.Collections.Immutable;

namespace Gyre.Tracking;

/// <summary>A named model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreatedAt">When it was first registered.</param>
/// <param name="LatestVersion">The highest version that is not deleted, or null.</param>
/// <param name="Aliases">Alias to version.</param>
public sealed record RegisteredModel(
    string Name, DateTimeOffset? CreatedAt, int? LatestVersion, ImmutableSortedDictionary<string, int> Aliases);
