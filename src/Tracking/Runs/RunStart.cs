namespace Gyre.Tracking;

/// <summary>What a run begins with.</summary>
/// <param name="ExperimentId">The experiment it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="ParentId">The run it is a part of, or null.</param>
public sealed record RunStart(long ExperimentId, string Name, string? ParentId = null)
{
    /// <summary>
    /// Tags it begins with. <see cref="RunTags.User"/>, <see cref="RunTags.SourceName"/> and
    /// <see cref="RunTags.SourceType"/> are filled in when absent: this user, <c>gyre</c>, <c>LOCAL</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
