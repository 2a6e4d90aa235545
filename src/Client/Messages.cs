using System.Text.Json.Serialization;

namespace Gyre.Client;

// The protocol's requests and answers that are not entities of their own.
internal sealed record Empty;

internal sealed record ErrorAnswer(string? ErrorCode, string? Message);

internal sealed record NewExperiment(string Name, string? ArtifactLocation, IReadOnlyList<Tag>? Tags);

internal sealed record ExperimentAnswer(Experiment? Experiment, string? ExperimentId);

internal sealed record ExperimentUpdate(string ExperimentId, string? NewName, string? Key, string? Value);

internal sealed record ExperimentQuery(
    string? Filter, IReadOnlyList<string>? OrderBy, ViewType ViewType, int MaxResults, string? PageToken);

internal sealed record ExperimentPage(IReadOnlyList<Experiment>? Experiments, string? NextPageToken);

internal sealed record NewRun(string ExperimentId, string? RunName, long StartTime, IReadOnlyList<Tag>? Tags);

internal sealed record RunAnswer(Run Run);

internal sealed record RunUpdate(string RunId, RunStatus? Status, long? EndTime, string? RunName);

internal sealed record RunReference(string RunId);

internal sealed record RunValue(string RunId, string Key, string? Value);

internal sealed record RunMetric(string RunId, string Key, double Value, long Timestamp, long Step);

internal sealed record RunBatch(
    string RunId, IReadOnlyList<Metric>? Metrics, IReadOnlyList<Param>? Params, IReadOnlyList<Tag>? Tags);

internal sealed record RunQuery(
    IReadOnlyList<string> ExperimentIds, string? Filter, ViewType RunViewType, int MaxResults,
    IReadOnlyList<string>? OrderBy, string? PageToken);

internal sealed record RunPage(IReadOnlyList<Run>? Runs, string? NextPageToken);

internal sealed record MetricPage(IReadOnlyList<Metric>? Metrics, string? NextPageToken);

internal sealed record RunInputs(string RunId, IReadOnlyList<DatasetUse> Datasets);

internal sealed record DatasetUse(Dataset Dataset, IReadOnlyList<Tag> Tags);

internal sealed record ArtifactPage(string? RootUri, IReadOnlyList<ArtifactInfo>? Files, string? NextPageToken);

internal sealed record NamedModel(string Name, string? Description, IReadOnlyList<Tag>? Tags, string? NewName);

internal sealed record ModelAnswer(RegisteredModel RegisteredModel);

internal sealed record ModelPage(IReadOnlyList<RegisteredModel>? RegisteredModels, string? NextPageToken);

internal sealed record NewVersion(
    string Name, string Source, string? RunId, string? Description, IReadOnlyList<Tag>? Tags, string? ModelId);

internal sealed record VersionAnswer(ModelVersion ModelVersion);

internal sealed record VersionPage(IReadOnlyList<ModelVersion>? ModelVersions, string? NextPageToken);

internal sealed record VersionValue(string Name, string Version, string? Key, string? Value);

internal sealed record VersionUpdate(string Name, string Version, string? Description);

internal sealed record StageMove(string Name, string Version, string Stage, bool ArchiveExistingVersions);

internal sealed record AliasMove(string Name, string Alias, string? Version);

internal sealed record UriAnswer(string ArtifactUri);

/// <summary>
/// The protocol's JSON: snake_case, whole numbers that may come as texts, NaN and infinities as texts, nothing for null.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.AllowNamedFloatingPointLiterals,
    Converters = [typeof(RunStatusConverter), typeof(ViewTypeConverter)])]
[JsonSerializable(typeof(Empty))]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(NewExperiment))]
[JsonSerializable(typeof(ExperimentAnswer))]
[JsonSerializable(typeof(ExperimentUpdate))]
[JsonSerializable(typeof(ExperimentQuery))]
[JsonSerializable(typeof(ExperimentPage))]
[JsonSerializable(typeof(NewRun))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(RunUpdate))]
[JsonSerializable(typeof(RunReference))]
[JsonSerializable(typeof(RunValue))]
[JsonSerializable(typeof(RunMetric))]
[JsonSerializable(typeof(RunBatch))]
[JsonSerializable(typeof(RunQuery))]
[JsonSerializable(typeof(RunPage))]
[JsonSerializable(typeof(MetricPage))]
[JsonSerializable(typeof(RunInputs))]
[JsonSerializable(typeof(ArtifactPage))]
[JsonSerializable(typeof(NamedModel))]
[JsonSerializable(typeof(ModelAnswer))]
[JsonSerializable(typeof(ModelPage))]
[JsonSerializable(typeof(NewVersion))]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(VersionPage))]
[JsonSerializable(typeof(VersionValue))]
[JsonSerializable(typeof(VersionUpdate))]
[JsonSerializable(typeof(StageMove))]
[JsonSerializable(typeof(AliasMove))]
[JsonSerializable(typeof(UriAnswer))]
internal sealed partial class Wire : JsonSerializerContext;
