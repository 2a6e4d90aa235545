using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Gyre.Serving.Measurements;

/// <summary>
/// The numbers of <see cref="InferenceCounters"/> as instruments, for exporters such as OpenTelemetry's. Tags cost more
/// than a small model's prediction may: nothing is recorded while nobody listens.
/// </summary>
internal sealed class RequestInstruments
{
    private readonly Counter<long> _requests;
    private readonly Counter<long> _rows;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _phases;
    private readonly Histogram<int> _batches;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">Owns the meter.</param>
    public RequestInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(InferenceMeasurements.ExportMeterName);
        var seconds = new InstrumentAdvice<double> { HistogramBucketBoundaries = InferenceCounters.LatencyBounds };
        var rows = new InstrumentAdvice<int>
        {
            HistogramBucketBoundaries = [.. InferenceCounters.BatchBounds.Select(bound => (int)bound)],
        };
        _requests = meter.CreateCounter<long>("gyre.inference.requests", null, "Prediction requests, by outcome.");
        _rows = meter.CreateCounter<long>("gyre.predictions", null, "Rows predicted.");
        _duration = meter.CreateHistogram("gyre.inference.request.duration", "s",
            "Time from a prediction request's arrival to its answer.", advice: seconds);
        _phases = meter.CreateHistogram("gyre.inference.phase.duration", "s",
            "Time of an answered request that one phase took.", advice: seconds);
        _batches = meter.CreateHistogram("gyre.inference.batch.rows", null,
            "Rows per execution of the model.", advice: rows);
    }

    /// <summary>Whether somebody listens.</summary>
    public bool Enabled => _requests.Enabled;

    public void Answered(string model, string version, InferenceProtocol protocol, int rows, in PhaseTimes times)
    {
        Ended(model, version, protocol, InferenceOutcome.Ok);
        var tags = Tags(model, version);
        _rows.Add(rows, tags);
        _duration.Record(times.Total.TotalSeconds, tags);
        foreach (var (phase, time) in times.Phases)
        {
            var labelled = tags;
            labelled.Add("phase", phase);
            _phases.Record(time.TotalSeconds, labelled);
        }
    }

    public void Ended(string model, string version, InferenceProtocol protocol, InferenceOutcome outcome)
    {
        var tags = Tags(model, version);
        tags.Add("protocol", protocol.Name());
        tags.Add("outcome", outcome.Name());
        _requests.Add(1, tags);
    }

    public void BatchScored(string model, string version, int rows) => _batches.Record(rows, Tags(model, version));

    private static TagList Tags(string model, string version) => new() { { "model", model }, { "version", version } };
}
