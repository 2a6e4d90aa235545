namespace Gyre.Tracking;

/// <summary>A named group of runs.</summary>
/// <param name="Id">Its number; 0 is <c>Default</c>.</param>
/// <param name="Name">Its name, unique in the database, deleted ones included.</param>
/// <param name="ArtifactLocation">URI below which the artifacts of its runs lie.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last renamed, deleted, restored or tagged.</param>
/// <param name="IsDeleted">Whether it and its runs are deleted.</param>
public sealed record Experiment(
    long Id, string Name, string ArtifactLocation, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt, bool IsDeleted)
{
    /// <summary>Its tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
