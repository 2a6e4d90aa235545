namespace Gyre.Tracking.Search;

/// <summary>A run as the REST API shows it. Times are milliseconds since 1970 UTC.</summary>
internal sealed record RunRecord(
    string Id,
    string Name,
    long ExperimentId,
    string UserId,
    string Status,
    long? StartTime,
    long? EndTime,
    string LifecycleStage,
    string ArtifactUri)
{
    /// <summary>The latest point of each metric, by key.</summary>
    public List<MetricRecord> Metrics { get; } = [];

    /// <summary>Parameters by key.</summary>
    public List<KeyValuePair<string, string>> Params { get; } = [];

    /// <summary>Tags by key.</summary>
    public List<KeyValuePair<string, string>> Tags { get; } = [];

    /// <summary>The datasets it read.</summary>
    public List<DatasetInputRecord> Datasets { get; } = [];

    /// <summary>The logged models it read.</summary>
    public List<string> ModelInputs { get; } = [];

    /// <summary>The logged models it wrote, each at a step.</summary>
    public List<(string ModelId, long Step)> ModelOutputs { get; } = [];
}

/// <summary>A point of a metric; <paramref name="Value"/> may be NaN.</summary>
internal readonly record struct MetricRecord(string Key, double Value, long Timestamp, long Step);

/// <summary>A dataset that a run read, with the tags of the reading such as <c>mlflow.data.context</c>.</summary>
internal sealed record DatasetInputRecord(
    string Name, string Digest, string SourceType, string Source, string? Schema, string? Profile)
{
    public List<KeyValuePair<string, string>> Tags { get; } = [];
}
