using Gyre.Serving.Measurements;

namespace Gyre.Server.Metrics;

/// <summary>What is measured of every prediction, under Gyre's names. Thread-safe.</summary>
internal sealed class InferenceFamilies(InferenceMeasurements measurements) : IMetricFamilies
{
    public void Write(ExpositionWriter writer)
    {
        var versions = measurements.Read();
        WriteRequests(writer, versions);
        Write(writer, versions, "gyre_predictions_total", "counter", "Rows predicted.",
            (labels, version) => writer.Sample("gyre_predictions_total", labels, version.Rows));
        Write(writer, versions, "gyre_inference_queue_depth", "gauge", "Requests that wait to be scored.",
            (labels, version) => writer.Sample("gyre_inference_queue_depth", labels, version.Queued));
        const string duration = "gyre_inference_request_duration_seconds";
        Write(writer, versions, duration, "histogram", "Time from a prediction request's arrival to its answer.",
            (labels, version) => writer.Histogram(duration, labels, version.Duration));
        const string phase = "gyre_inference_phase_duration_seconds";
        Write(writer, versions, phase, "histogram", "Time of an answered request that one phase took.",
            (labels, version) =>
            {
                writer.Histogram(phase, labels + ",phase=\"queue\"", version.Queue);
                writer.Histogram(phase, labels + ",phase=\"compute\"", version.Compute);
                writer.Histogram(phase, labels + ",phase=\"encode\"", version.Encode);
            });
        const string batch = "gyre_inference_batch_rows";
        Write(writer, versions, batch, "histogram", "Rows per execution of the model.",
            (labels, version) => writer.Histogram(batch, labels, version.BatchRows));
    }

    private static void WriteRequests(ExpositionWriter writer, IReadOnlyList<InferenceSnapshot> versions)
    {
        const string name = "gyre_inference_requests_total";
        writer.Family(name, "counter", "Prediction requests, by protocol and outcome.");
        foreach (var version in versions)
        foreach (var protocol in Enum.GetValues<InferenceProtocol>())
        foreach (var outcome in Enum.GetValues<InferenceOutcome>())
        {
            // What has not been asked for yet is no series: most servers see one or two protocols.
            if (version.Requests(protocol, outcome) is not (var count and > 0)) continue;
            writer.Sample(name, ExpositionWriter.Labels(("model", version.Model), ("version", version.Version),
                ("protocol", protocol.Name()), ("outcome", outcome.Name())), count);
        }
    }

    private static void Write(
        ExpositionWriter writer, IReadOnlyList<InferenceSnapshot> versions, string name, string type, string help,
        Action<string, InferenceSnapshot> sample)
    {
        writer.Family(name, type, help);
        foreach (var version in versions)
            sample(ExpositionWriter.Labels(("model", version.Model), ("version", version.Version)), version);
    }
}
