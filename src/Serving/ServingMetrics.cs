using System.Diagnostics.Metrics;
using Gyre.Serving.Requests;

namespace Gyre.Serving;

/// <summary>
/// What this module measures, under the meter <c>Gyre.Serving</c>. Labels take values from closed sets only (served
/// models, reasons, outcomes), never text that a client chose.
/// </summary>
internal sealed class ServingMetrics
{
    public const string MeterName = "Gyre.Serving";

    // From a quarter of a millisecond to ten seconds.
    private static readonly double[] LatencyBuckets =
        [0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _predictions;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _rejectedUnlogged;
    private readonly Counter<long> _logged;
    private readonly Counter<long> _logFailures;
    private readonly Counter<long> _feedback;
    private readonly Counter<long> _swaps;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">Owns the meter, so that two hosts in one process do not count for each other.</param>
    public ServingMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _requests = _meter.CreateCounter<long>(
            "gyre.inference.requests", null, "Prediction requests answered, by outcome.");
        _predictions = _meter.CreateCounter<long>("gyre.predictions", null, "Rows predicted.");
        _duration = _meter.CreateHistogram(
            "gyre.inference.request.duration", "s", "Time from a prediction request's arrival to its answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = LatencyBuckets });
        _rejected = _meter.CreateCounter<long>(
            "gyre.rejected.requests", null, "Requests refused because of what the client sent, by reason.");
        _rejectedUnlogged = _meter.CreateCounter<long>(
            "gyre.rejections.unlogged", null, "Refused requests that were counted but not stored, to bound the store.");
        _logged = _meter.CreateCounter<long>("gyre.predictions.logged", null, "Prediction records committed.");
        _logFailures = _meter.CreateCounter<long>(
            "gyre.prediction.log.failures", null, "Attempts to write prediction records that failed.");
        _feedback = _meter.CreateCounter<long>("gyre.feedback.received", null, "Feedback items received, by result.");
        _swaps = _meter.CreateCounter<long>("gyre.model.swaps", null, "Times that another model version took over.");
    }

    /// <summary>The meter, for gauges that others observe.</summary>
    public Meter Meter => _meter;

    public void Answered(string model, string version, int rows, TimeSpan duration)
    {
        _requests.Add(1, new("model", model), new("version", version), new("outcome", "ok"));
        _predictions.Add(rows, new("model", model), new("version", version));
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("model", model));
    }

    public void Failed(string model, string version) =>
        _requests.Add(1, new("model", model), new("version", version), new("outcome", "error"));

    public void Rejected(string model, string version, RejectionReason reason)
    {
        _requests.Add(1, new("model", model), new("version", version), new("outcome", "rejected"));
        CountRejection(model, reason);
    }

    /// <summary>Counts a refused request that was none for a prediction.</summary>
    public void CountRejection(string model, RejectionReason reason) =>
        _rejected.Add(1, new("model", model), new KeyValuePair<string, object?>("reason", reason.Name()));

    public void RejectionsNotLogged(int count) => _rejectedUnlogged.Add(count);

    public void PredictionsLogged(int count) => _logged.Add(count);

    public void LogFailed() => _logFailures.Add(1);

    public void Feedback(string model, string result, int count) =>
        _feedback.Add(count, new("model", model), new KeyValuePair<string, object?>("result", result));

    public void Swapped(string model) => _swaps.Add(1, new KeyValuePair<string, object?>("model", model));
}
