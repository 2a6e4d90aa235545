namespace Gyre.Client;

/// <summary>A named group of runs.</summary>
/// <param name="ExperimentId">Its number, as text.</param>
/// <param name="Name">Its name.</param>
/// <param name="ArtifactLocation">URI below which the artifacts of its runs lie.</param>
/// <param name="LifecycleStage"><c>active</c> or <c>deleted</c>.</param>
/// <param name="CreationTime">Milliseconds since 1970 UTC.</param>
/// <param name="LastUpdateTime">Milliseconds since 1970 UTC.</param>
public sealed record Experiment(
    string ExperimentId, string Name, string? ArtifactLocation, string? LifecycleStage, long? CreationTime,
    long? LastUpdateTime)
{
    /// <summary>Its tags.</summary>
    public IReadOnlyList<Tag> Tags { get; init => field = value ?? []; } = [];
}

/// <summary>A tag of an experiment, run, model or version.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record Tag(string Key, string Value);

/// <summary>A parameter of a run: written once.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record Param(string Key, string Value);

/// <summary>A point of a metric.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">The value; NaN and infinities are allowed.</param>
/// <param name="Timestamp">Milliseconds since 1970 UTC.</param>
/// <param name="Step">The position on the run's own axis, such as the epoch.</param>
public sealed record Metric(string Key, double Value, long Timestamp, long Step = 0)
{
    /// <summary>The logged model it belongs to, if any.</summary>
    public string? ModelId { get; init; }
}

/// <summary>A run.</summary>
/// <param name="Info">Its identity and state.</param>
/// <param name="Data">What was logged to it.</param>
public sealed record Run(RunInfo Info, RunData Data);

/// <summary>A run's identity and state.</summary>
/// <param name="RunId">32 hex digits.</param>
/// <param name="RunName">Its name.</param>
/// <param name="ExperimentId">The experiment it belongs to.</param>
/// <param name="Status">How far it is.</param>
/// <param name="StartTime">Milliseconds since 1970 UTC.</param>
/// <param name="EndTime">Milliseconds since 1970 UTC; null while it is under way.</param>
/// <param name="ArtifactUri">Where its files lie.</param>
/// <param name="LifecycleStage"><c>active</c> or <c>deleted</c>.</param>
public sealed record RunInfo(
    string RunId, string? RunName, string ExperimentId, RunStatus Status, long? StartTime, long? EndTime,
    string? ArtifactUri, string? LifecycleStage);

/// <summary>What was logged to a run: the latest point of each metric, parameters, tags.</summary>
public sealed record RunData
{
    /// <summary>The latest point of each metric.</summary>
    public IReadOnlyList<Metric> Metrics { get; init => field = value ?? []; } = [];

    /// <summary>Parameters.</summary>
    public IReadOnlyList<Param> Params { get; init => field = value ?? []; } = [];

    /// <summary>Tags.</summary>
    public IReadOnlyList<Tag> Tags { get; init => field = value ?? []; } = [];
}

/// <summary>How far a run is.</summary>
public enum RunStatus
{
    /// <summary>Under way.</summary>
    Running = 1,

    /// <summary>Waiting to be started.</summary>
    Scheduled = 2,

    /// <summary>Ended well.</summary>
    Finished = 3,

    /// <summary>Ended with an error.</summary>
    Failed = 4,

    /// <summary>Stopped from outside.</summary>
    Killed = 5,
}

/// <summary>Which experiments or runs a search looks at.</summary>
public enum ViewType
{
    /// <summary>Those that are not deleted.</summary>
    ActiveOnly = 1,

    /// <summary>Deleted ones.</summary>
    DeletedOnly = 2,

    /// <summary>All.</summary>
    All = 3,
}

/// <summary>A file or folder among a run's artifacts.</summary>
/// <param name="Path">Its path below the run's artifacts, with slashes.</param>
/// <param name="IsDir">Whether it is a folder.</param>
/// <param name="FileSize">Its size in bytes; null for a folder.</param>
public sealed record ArtifactInfo(string Path, bool IsDir, long? FileSize);

/// <summary>A registered model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreationTimestamp">Milliseconds since 1970 UTC.</param>
/// <param name="LastUpdatedTimestamp">Milliseconds since 1970 UTC.</param>
/// <param name="Description">For people.</param>
public sealed record RegisteredModel(
    string Name, long? CreationTimestamp, long? LastUpdatedTimestamp, string? Description)
{
    /// <summary>The latest version of each stage.</summary>
    public IReadOnlyList<ModelVersion> LatestVersions { get; init => field = value ?? []; } = [];

    /// <summary>Its tags.</summary>
    public IReadOnlyList<Tag> Tags { get; init => field = value ?? []; } = [];

    /// <summary>Its aliases.</summary>
    public IReadOnlyList<ModelAlias> Aliases { get; init => field = value ?? []; } = [];
}

/// <summary>A name that points at a version.</summary>
/// <param name="Alias">The name, such as <c>champion</c>.</param>
/// <param name="Version">The version's number, as text.</param>
public sealed record ModelAlias(string Alias, string Version);

/// <summary>A version of a registered model.</summary>
/// <param name="Name">The model.</param>
/// <param name="Version">Its number, as text.</param>
/// <param name="CreationTimestamp">Milliseconds since 1970 UTC.</param>
/// <param name="CurrentStage"><c>None</c>, <c>Staging</c>, <c>Production</c> or <c>Archived</c>.</param>
/// <param name="Description">For people.</param>
/// <param name="Source">Where its files lie, as registered.</param>
/// <param name="RunId">The run that made it.</param>
/// <param name="Status"><c>READY</c> when it can be used.</param>
public sealed record ModelVersion(
    string Name, string Version, long? CreationTimestamp, string? CurrentStage, string? Description, string? Source,
    string? RunId, string? Status)
{
    /// <summary>Its tags.</summary>
    public IReadOnlyList<Tag> Tags { get; init => field = value ?? []; } = [];

    /// <summary>The aliases that point at it; some answers leave them out.</summary>
    public IReadOnlyList<string> Aliases { get; init => field = value ?? []; } = [];
}

/// <summary>A dataset that a run read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Digest">At most 36 characters that change with the content.</param>
/// <param name="SourceType">The kind of source, such as <c>local</c>.</param>
/// <param name="Source">Where it came from, as JSON.</param>
/// <param name="Schema">Its columns, as JSON.</param>
/// <param name="Profile">Its size and the like, as JSON.</param>
public sealed record Dataset(
    string Name, string Digest, string SourceType, string Source, string? Schema = null, string? Profile = null);
