using Gyre.Serving.Engine;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Recording;

/// <summary>
/// The predictions of one request, to be recorded. Holds the request's own columns: the JSON that is stored is made by
/// the log's writer, after the answer.
/// </summary>
/// <param name="Model">The model.</param>
/// <param name="Version">Its version.</param>
/// <param name="RequestedAt">When the request arrived.</param>
/// <param name="Ids">One prediction id per row.</param>
/// <param name="Inputs">The rows.</param>
/// <param name="Outputs">What was predicted.</param>
/// <param name="Latency">Time from arrival to prediction.</param>
internal sealed record PredictionBatch(
    string Model, int Version, DateTimeOffset RequestedAt, string[] Ids, ModelInputs Inputs, ModelOutputs Outputs,
    TimeSpan Latency);
