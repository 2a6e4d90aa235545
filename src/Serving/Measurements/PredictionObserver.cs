using System.Diagnostics;
using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Serving.Recording;
using Gyre.Serving.Slots;
using Microsoft.Extensions.Logging;

namespace Gyre.Serving.Measurements;

/// <summary>
/// What is told of each prediction when it has ended: counted always; in the request's trace when that is recorded; in
/// the log at Debug, and always when it was slow or failed. Thread-safe.
/// </summary>
internal sealed class PredictionObserver(
    ServingMetrics metrics, ServingOptions options, ILogger<PredictionObserver> logger)
{
    // On an overloaded server every prediction is slow: a line for each would be its next load.
    private const double SlowLinesPerSecond = 10;
    private const double SlowLinesAtOnce = 20;

    private readonly TokenBucket _slowLines = new(SlowLinesPerSecond, SlowLinesAtOnce);
    private int _slowUntold;

    private readonly TimeSpan _slow =
        options.SlowPrediction == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : options.SlowPrediction;

    /// <summary>An answer has been sent.</summary>
    public void Answered(ServedModel model, in Prediction prediction, Arrival arrival)
    {
        var now = Stopwatch.GetTimestamp();
        var times = new PhaseTimes(Stopwatch.GetElapsedTime(arrival.Timestamp, now), prediction.Queue,
            prediction.Compute, Stopwatch.GetElapsedTime(prediction.Recorded, now));
        metrics.Answered(model, arrival.Protocol, prediction.Outputs.Rows, times);
        ServingTraces.Answered(model, prediction, arrival, times);
        var isSlow = times.Total > _slow;
        if (isSlow && _slowLines.TryTake()) TellSlow(model, prediction, arrival, times);
        else if (logger.IsEnabled(LogLevel.Debug)) Tell(model, prediction, arrival, times);
        else if (isSlow) Interlocked.Increment(ref _slowUntold);
    }

    /// <summary>A request ended without an answer, for a reason that is not its content.</summary>
    public void Failed(ServedModel model, Arrival arrival, Exception failure)
    {
        var outcome = failure switch
        {
            OperationCanceledException => InferenceOutcome.Cancelled,
            GyreException { Code: ErrorCode.Unavailable } => InferenceOutcome.Saturated,
            _ => InferenceOutcome.Error,
        };
        metrics.Ended(model.Name, model.VersionText, arrival.Protocol, outcome);
        ServingTraces.Failed(model, arrival);
        if (outcome is not InferenceOutcome.Error) return; // one line per refusal would be the overload's next victim
        Log.PredictionFailed(logger, model.Name, model.VersionText, arrival.Protocol.Name(),
            Milliseconds(Stopwatch.GetElapsedTime(arrival.Timestamp)), failure.Message);
    }

    private void Tell(ServedModel model, in Prediction prediction, Arrival arrival, in PhaseTimes times) =>
        Log.Predicted(logger, IdOf(prediction), model.Name, model.VersionText, arrival.Protocol.Name(),
            prediction.Outputs.Rows, Milliseconds(times.Total), Milliseconds(times.Queue), Milliseconds(times.Compute),
            Milliseconds(times.Encode));

    private void TellSlow(ServedModel model, in Prediction prediction, Arrival arrival, in PhaseTimes times)
    {
        if (Interlocked.Exchange(ref _slowUntold, 0) is var untold and > 0) Log.SlowPredictionsUntold(logger, untold);
        Log.PredictedSlowly(logger, IdOf(prediction), model.Name, model.VersionText, arrival.Protocol.Name(),
            prediction.Outputs.Rows, Milliseconds(times.Total), Milliseconds(times.Queue), Milliseconds(times.Compute),
            Milliseconds(times.Encode));
    }

    // A request of many rows is found by its first row's id; the log's table has the others beside it.
    private static string IdOf(in Prediction prediction) => prediction.Ids[0];

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
