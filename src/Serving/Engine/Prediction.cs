using Gyre.Serving.Measurements;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Engine;

/// <summary>When a request arrived, on both clocks, and how.</summary>
/// <param name="Timestamp">Of the machine's stopwatch: durations are measured from it.</param>
/// <param name="Time">Of the clock that records carry.</param>
/// <param name="Protocol">What it was asked by.</param>
internal readonly record struct Arrival(long Timestamp, DateTimeOffset Time, InferenceProtocol Protocol);

/// <summary>An answer, before a protocol writes it.</summary>
/// <param name="Outputs">What the model said; its rows are the request's.</param>
/// <param name="Ids">One prediction id a row.</param>
/// <param name="Queue">From being read to being scored.</param>
/// <param name="Compute">The scoring, of the whole batch when requests were joined.</param>
/// <param name="Scored">The stopwatch's timestamp when the scoring had ended.</param>
/// <param name="Recorded">The stopwatch's timestamp when the record was taken: from here on the answer is written.</param>
/// <param name="Inputs">What was asked.</param>
internal readonly record struct Prediction(
    ModelOutputs Outputs, string[] Ids, TimeSpan Queue, TimeSpan Compute, long Scored, long Recorded,
    ModelInputs Inputs);
