namespace Gyre.Tracking;

/// <summary>What a client logs to a run by one request.</summary>
internal sealed record ClientBatch(
    List<MetricPoint> Metrics,
    IReadOnlyList<KeyValuePair<string, string>> Parameters,
    IReadOnlyList<KeyValuePair<string, string>> Tags);

/// <summary>What a client says of a new run.</summary>
/// <param name="ExperimentId">The experiment it belongs to.</param>
/// <param name="Name">Its name; by its tag or by chance when null or empty.</param>
/// <param name="UserId">Who started it.</param>
/// <param name="StartTime">When, in milliseconds since 1970 UTC; now when null.</param>
/// <param name="Tags">Its first tags.</param>
internal sealed record ClientRun(
    long ExperimentId, string? Name, string UserId, long? StartTime, IReadOnlyList<KeyValuePair<string, string>> Tags);
