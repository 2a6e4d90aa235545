namespace Gyre.Tracking;

/// <summary>A run as its row says, times in milliseconds since 1970 UTC.</summary>
internal sealed record StoredRun(
    string Id, long ExperimentId, string? Name, string? UserId, string? Status, long? StartTime, long? EndTime,
    string? ArtifactUri, string? LifecycleStage)
{
    /// <summary>The latest point of each metric, by key.</summary>
    public IReadOnlyList<MetricPoint> Metrics { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    public IReadOnlyList<UsedDataset> Datasets { get; init; } = [];

    /// <summary>The logged models that it read.</summary>
    public IReadOnlyList<string> ModelInputs { get; init; } = [];

    /// <summary>The logged models that it made.</summary>
    public IReadOnlyList<ModelOutput> ModelOutputs { get; init; } = [];
}

/// <summary>A dataset that a run used, with the tags of that use.</summary>
internal sealed record UsedDataset(
    string Name, string Digest, string SourceType, string Source, string? Schema, string? Profile)
{
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];
}

/// <summary>A logged model that a run made.</summary>
internal readonly record struct ModelOutput(string ModelId, long Step);

/// <summary>A dataset and what it was used for, as it appears in an experiment.</summary>
internal sealed record DatasetSummary(long ExperimentId, string Name, string Digest, string? Context);
