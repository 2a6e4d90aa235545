namespace Gyre.Loop.Deployment;

/// <summary>A prediction as the log has it.</summary>
/// <param name="Id">The id that its answer carried.</param>
/// <param name="Model">The model.</param>
/// <param name="Version">Its version.</param>
/// <param name="RequestedAt">When the request arrived, to the millisecond.</param>
/// <param name="RowIndex">Which row of the request it was, from 0.</param>
/// <param name="Inputs">JSON: an object, input to value; times in microseconds since 1970.</param>
/// <param name="Output">JSON: a number, or an object such as <c>{"label":…,"probabilities":{…}}</c>.</param>
/// <param name="LatencyMicroseconds">From the request's arrival to the prediction.</param>
/// <param name="Actual">JSON: what really happened; null when no feedback says.</param>
public sealed record RecordedPrediction(
    string Id, string Model, int Version, DateTimeOffset RequestedAt, long RowIndex, string Inputs, string Output,
    long LatencyMicroseconds, string? Actual);

/// <summary>Which recorded predictions are wanted.</summary>
/// <param name="Model">Of this model; null for all.</param>
/// <param name="From">Requests from this time on; null for all.</param>
/// <param name="To">Requests before this time; null for all.</param>
public sealed record PredictionFilter(string? Model, DateTimeOffset? From, DateTimeOffset? To);
