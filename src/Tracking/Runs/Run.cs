using System.Collections.Immutable;

namespace Gyre.Tracking;

/// <summary>A run as it stood when it was read.</summary>
/// <param name="Id">32 lower-case hex digits.</param>
/// <param name="ExperimentId">The experiment it belongs to.</param>
/// <param name="Name">Its name, also in the tag <c>mlflow.runName</c>.</param>
/// <param name="Status">How far it is.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null while it is under way.</param>
/// <param name="ArtifactUri">Where its files lie; <see cref="ArtifactStore.FolderOf(Run)"/> makes a path of it.</param>
/// <param name="Metrics">The latest value of each metric: the one with the greatest (step, timestamp, value).</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Datasets">What it read.</param>
public sealed record Run(
    string Id,
    long ExperimentId,
    string Name,
    RunStatus Status,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string ArtifactUri,
    ImmutableSortedDictionary<string, double> Metrics,
    ImmutableSortedDictionary<string, string> Parameters,
    ImmutableSortedDictionary<string, string> Tags,
    ImmutableArray<DatasetInput> Datasets)
{
    /// <summary>The run it is a part of, or null.</summary>
    public string? ParentId => Tags.GetValueOrDefault(RunTags.ParentRunId);
}
