using Gyre.Serving.Slots;

namespace Gyre.Serving.Engine;

/// <summary>When a request arrived, on both clocks.</summary>
/// <param name="Timestamp">Of the machine's stopwatch: durations are measured from it.</param>
/// <param name="Time">Of the clock that records carry.</param>
internal readonly record struct Arrival(long Timestamp, DateTimeOffset Time);

/// <summary>An answer, before a protocol writes it.</summary>
/// <param name="Outputs">What the model said; its rows are the request's.</param>
/// <param name="Ids">One prediction id a row.</param>
/// <param name="Queue">From being read to being scored.</param>
/// <param name="Compute">The scoring, of the whole batch when requests were joined.</param>
internal readonly record struct Prediction(ModelOutputs Outputs, string[] Ids, TimeSpan Queue, TimeSpan Compute);
