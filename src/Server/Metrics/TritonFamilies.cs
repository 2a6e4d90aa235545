using Gyre.Serving.Measurements;

namespace Gyre.Server.Metrics;

/// <summary>
/// The numbers of predictions as NVIDIA Triton names them: names, labels and help of its <c>src/metrics.cc</c>,
/// durations as counters of microseconds. Thread-safe.
/// </summary>
internal sealed class TritonFamilies(InferenceMeasurements measurements) : IMetricFamilies
{
    private const double MicrosecondsPerSecond = 1e6;

    // Triton's four reasons, and what ends so here.
    private static readonly (string Reason, InferenceOutcome Outcome)[] Reasons =
    [
        ("REJECTED", InferenceOutcome.Saturated), ("CANCELED", InferenceOutcome.Cancelled),
        ("BACKEND", InferenceOutcome.Error), ("OTHER", InferenceOutcome.Rejected),
    ];

    public void Write(ExpositionWriter writer)
    {
        var versions = measurements.Read();
        Write(writer, versions, "nv_inference_request_success", "counter",
            "Number of successful inference requests, all batch sizes", v => v.Requests(InferenceOutcome.Ok));
        WriteFailures(writer, versions);
        Write(writer, versions, "nv_inference_count", "counter",
            "Number of inferences performed (does not include cached requests)", v => v.Rows);
        Write(writer, versions, "nv_inference_exec_count", "counter",
            "Number of model executions performed (does not include cached requests)", v => v.BatchRows.Count);
        Write(writer, versions, "nv_inference_pending_request_count", "gauge",
            "Instantaneous number of pending requests awaiting execution per-model.", v => v.Queued);
        WriteDuration(writer, versions, "nv_inference_request_duration_us",
            "Cumulative inference request duration in microseconds (includes cached requests)", v => v.Duration);
        WriteDuration(writer, versions, "nv_inference_queue_duration_us",
            "Cumulative inference queuing duration in microseconds (includes cached requests)", v => v.Queue);
        WriteDuration(writer, versions, "nv_inference_compute_infer_duration_us",
            "Cumulative compute inference duration in microseconds (does not include cached requests)", v => v.Compute);
        WriteDuration(writer, versions, "nv_inference_compute_output_duration_us",
            "Cumulative inference compute output duration in microseconds (does not include cached requests)",
            v => v.Encode);
    }

    private static void WriteFailures(ExpositionWriter writer, IReadOnlyList<InferenceSnapshot> versions)
    {
        const string name = "nv_inference_request_failure";
        writer.Family(name, "counter", "Number of failed inference requests, all batch sizes");
        foreach (var version in versions)
        foreach (var (reason, outcome) in Reasons)
        {
            var labels = ExpositionWriter.Labels(
                ("model", version.Model), ("reason", reason), ("version", version.Version));
            writer.Sample(name, labels, version.Requests(outcome));
        }
    }

    private static void WriteDuration(
        ExpositionWriter writer, IReadOnlyList<InferenceSnapshot> versions, string name, string help,
        Func<InferenceSnapshot, HistogramSnapshot> phase) =>
        Write(writer, versions, name, "counter", help, v => Math.Round(phase(v).Sum * MicrosecondsPerSecond));

    private static void Write(
        ExpositionWriter writer, IReadOnlyList<InferenceSnapshot> versions, string name, string type, string help,
        Func<InferenceSnapshot, double> value)
    {
        writer.Family(name, type, help);
        foreach (var version in versions)
        {
            var labels = ExpositionWriter.Labels(("model", version.Model), ("version", version.Version));
            writer.Sample(name, labels, value(version));
        }
    }
}
