namespace Gyre.Tracking;

/// <summary>A named group of runs.</summary>
/// <param name="Id">Its number; 0 is <c>Default</c>.</param>
/// <param name="Name">Its name, unique in the database.</param>
/// <param name="ArtifactLocation">URI below which the artifacts of its runs lie.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record Experiment(long Id, string Name, string ArtifactLocation, DateTimeOffset? CreatedAt);
