namespace Gyre.Tracking;

/// <summary>What a run begins with.</summary>
/// <param name="ExperimentId">The experiment it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="ParentId">The run it is a part of, or null.</param>
public sealed record RunStart(long ExperimentId, string Name, string? ParentId = null)
{
    /// <summary>Tags it begins with, such as <see cref="RunTags.SourceName"/>.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
