namespace Gyre.Tracking;

/// <summary>How far a logged model is. Stored as its number.</summary>
internal enum LoggedModelStatus
{
    Unspecified = 0,

    /// <summary>Its files are being written.</summary>
    Pending = 1,

    /// <summary>Its files are whole.</summary>
    Ready = 2,

    /// <summary>Its files could not be written.</summary>
    UploadFailed = 3,
}

/// <summary>A model that a run made, registered or not. Times are milliseconds since 1970 UTC.</summary>
/// <param name="Id"><c>m-</c> and 32 hex digits.</param>
/// <param name="ExperimentId">The experiment it belongs to.</param>
/// <param name="Name">Its name; need not be unique.</param>
/// <param name="ArtifactUri">Where its files are.</param>
internal sealed record LoggedModel(string Id, long ExperimentId, string Name, string ArtifactUri)
{
    public required long CreatedAt { get; init; }

    public required long UpdatedAt { get; init; }

    public LoggedModelStatus Status { get; init; }

    public string? StatusMessage { get; init; }

    /// <summary>What kind of model the user says it is.</summary>
    public string? ModelType { get; init; }

    public string? SourceRunId { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Params { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>What was measured of it, in runs.</summary>
    public IReadOnlyList<LoggedModelMetric> Metrics { get; init; } = [];
}

/// <summary>A point that a run measured of a logged model, perhaps on a dataset. NaN is stored as 0.</summary>
internal sealed record LoggedModelMetric(
    string Key, double Value, long Timestamp, long Step, string RunId, string? DatasetName, string? DatasetDigest);
