using System.Diagnostics.Metrics;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving;

/// <summary>
/// What this module measures: what happens with every prediction in <see cref="InferenceMeasurements"/>, the rest under
/// the meter <c>Gyre.Serving</c>. Labels take values from closed sets only (served models, reasons, outcomes), never
/// text that a client chose. Thread-safe.
/// </summary>
internal sealed class ServingMetrics
{
    public const string MeterName = "Gyre.Serving";

    private static readonly double[] LoadBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private static readonly double[] ExplanationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

    private readonly Meter _meter;
    private readonly RequestInstruments _instruments;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _rejectedUnlogged;
    private readonly Counter<long> _logged;
    private readonly Counter<long> _notSampled;
    private readonly Counter<long> _logFailures;
    private readonly Counter<long> _feedback;
    private readonly Counter<long> _swaps;
    private readonly Counter<long> _loads;
    private readonly Histogram<double> _loadDuration;
    private readonly Histogram<double> _explanationDuration;
    private readonly Counter<long> _comparisons;
    private readonly Counter<long> _decisions;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">Owns the meters, so that two hosts in one process do not count for each other.</param>
    /// <param name="measurements">Holds what is counted of every prediction.</param>
    public ServingMetrics(IMeterFactory meters, InferenceMeasurements measurements)
    {
        Measurements = measurements;
        _instruments = new RequestInstruments(meters);
        _meter = meters.Create(MeterName);
        _rejected = _meter.CreateCounter<long>(
            "gyre.rejected.requests", null, "Requests refused because of what the client sent, by reason.");
        _rejectedUnlogged = _meter.CreateCounter<long>(
            "gyre.rejections.unlogged", null, "Refused requests that were counted but not stored, to bound the store.");
        _logged = _meter.CreateCounter<long>("gyre.predictions.logged", null, "Prediction records committed.");
        _notSampled = _meter.CreateCounter<long>(
            "gyre.predictions.unsampled", null, "Predictions that were answered but are not in the log's sample.");
        _logFailures = _meter.CreateCounter<long>(
            "gyre.prediction.log.failures", null, "Attempts to write prediction records that failed.");
        _feedback = _meter.CreateCounter<long>("gyre.feedback.received", null, "Feedback items received, by result.");
        _swaps = _meter.CreateCounter<long>("gyre.model.swaps", null, "Times that another model version took over.");
        _loads = _meter.CreateCounter<long>("gyre.model.loads", null, "Model versions loaded, by outcome.");
        _loadDuration = _meter.CreateHistogram("gyre.model.load.duration", "s",
            "Time to load a model version and predict once with it.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = LoadBuckets });
        _explanationDuration = _meter.CreateHistogram("gyre.explanation.duration", "s",
            "Time from the arrival of a request for explanations to its answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = ExplanationBuckets });
        _comparisons = _meter.CreateCounter<long>(
            "gyre.shadow.comparisons", null, "Predictions of a shadow compared with the answer's, by result.");
        _decisions = _meter.CreateCounter<long>(
            "gyre.traffic.decisions", null, "Decisions of traffic policies, by what was decided.");
    }

    /// <summary>The meter, for gauges that others observe.</summary>
    public Meter Meter => _meter;

    /// <summary>What is counted of every prediction.</summary>
    public InferenceMeasurements Measurements { get; }

    /// <summary>Counts an answer. Allocates nothing unless an exporter listens.</summary>
    public void Answered(ServedModel model, InferenceProtocol protocol, int rows, in PhaseTimes times)
    {
        model.Counters.Answered(protocol, rows, times);
        if (_instruments.Enabled) _instruments.Answered(model.Name, model.VersionText, protocol, rows, times);
    }

    /// <summary>Counts a request that was not answered with a prediction.</summary>
    public void Ended(string model, string version, InferenceProtocol protocol, InferenceOutcome outcome)
    {
        if (!Measurements.TryGet(model, version, out var counters)) return; // withdrawn meanwhile
        counters.Ended(protocol, outcome);
        if (_instruments.Enabled) _instruments.Ended(model, version, protocol, outcome);
    }

    /// <summary>Counts a request that was refused for what the client sent.</summary>
    public void Rejected(string model, string version, InferenceProtocol protocol, RejectionReason reason)
    {
        Ended(model, version, protocol, InferenceOutcome.Rejected);
        CountRejection(model, reason);
    }

    /// <summary>Counts an execution of the model.</summary>
    public void BatchScored(string model, string version, InferenceCounters counters, int rows)
    {
        counters.BatchScored(rows);
        if (_instruments.Enabled) _instruments.BatchScored(model, version, rows);
    }

    /// <summary>Counts a refused request that was none for a prediction.</summary>
    public void CountRejection(string model, RejectionReason reason) =>
        _rejected.Add(1, new("model", Shown(model)), new KeyValuePair<string, object?>("reason", reason.Name()));

    public void RejectionsNotLogged(int count) => _rejectedUnlogged.Add(count);

    public void PredictionsLogged(int count) => _logged.Add(count);

    public void PredictionsNotSampled(int count) => _notSampled.Add(count);

    public void LogFailed() => _logFailures.Add(1);

    public void Feedback(string model, string result, int count) =>
        _feedback.Add(count, new("model", Shown(model)), new KeyValuePair<string, object?>("result", result));

    /// <summary>Counts a version that was loaded.</summary>
    public void Loaded(string model, TimeSpan duration)
    {
        _loads.Add(1, new("model", model), new KeyValuePair<string, object?>("outcome", "ok"));
        _loadDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("model", model));
    }

    /// <summary>Counts a version that could not be loaded.</summary>
    public void LoadFailed(string model) =>
        _loads.Add(1, new("model", model), new KeyValuePair<string, object?>("outcome", "error"));

    /// <summary>Counts an answered request for explanations.</summary>
    public void Explained(string model, TimeSpan duration) =>
        _explanationDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("model", model));

    public void Swapped(string model) => _swaps.Add(1, new KeyValuePair<string, object?>("model", model));

    /// <summary>Counts a shadow's prediction.</summary>
    /// <param name="model">The model.</param>
    /// <param name="result">One of a closed set.</param>
    public void Compared(string model, string result) =>
        _comparisons.Add(1, new("model", model), new KeyValuePair<string, object?>("result", result));

    /// <summary>Counts a decision of a traffic policy.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decision">One of a closed set.</param>
    public void Decided(string model, string decision) =>
        _decisions.Add(1, new("model", model), new KeyValuePair<string, object?>("decision", decision));

    // Clients may name any model in a path; only served ones become a series of their own.
    private string Shown(string model) => Measurements.Shows(model) ? model : "";
}
