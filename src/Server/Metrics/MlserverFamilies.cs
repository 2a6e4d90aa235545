using System.Globalization;
using Gyre.Serving.Measurements;

namespace Gyre.Server.Metrics;

/// <summary>
/// The numbers of predictions as MLServer names them: by model and version for every protocol
/// (<c>handlers/dataplane.py</c>), and those of its REST server by path and status. Thread-safe.
/// </summary>
internal sealed class MlserverFamilies(InferenceMeasurements measurements) : IMetricFamilies
{
    // MLServer counts requests by their path's pattern; it has no other prediction route that is also here.
    private const string Path = "/v2/models/{model_name}/infer";

    private static readonly (InferenceOutcome Outcome, int Status)[] Statuses =
    [
        (InferenceOutcome.Ok, 200), (InferenceOutcome.Rejected, 400), (InferenceOutcome.Error, 500),
        (InferenceOutcome.Saturated, 503),
    ];

    public void Write(ExpositionWriter writer)
    {
        var versions = measurements.Read();
        WriteModels(writer, versions, "model_infer_request_success_total", "Model infer request success count",
            v => v.Requests(InferenceOutcome.Ok));
        WriteModels(writer, versions, "model_infer_request_failure_total", "Model infer request failure count",
            v => v.Requests(InferenceOutcome.Rejected) + v.Requests(InferenceOutcome.Error)
                + v.Requests(InferenceOutcome.Saturated));
        const string duration = "model_infer_request_duration";
        writer.Family(duration, "summary", "Model infer request duration");
        foreach (var version in versions)
        {
            writer.Sample(duration + "_count", LabelsOf(version), version.Duration.Count);
            writer.Sample(duration + "_sum", LabelsOf(version), version.Duration.Sum);
        }

        WriteRest(writer, versions);
    }

    private static void WriteRest(ExpositionWriter writer, IReadOnlyList<InferenceSnapshot> versions)
    {
        const string name = "rest_server_requests_total";
        writer.Family(name, "counter", "Total HTTP requests");
        foreach (var (outcome, status) in Statuses)
        {
            var count = versions.Sum(v => v.Requests(InferenceProtocol.OipRest, outcome));
            if (count == 0) continue;
            var code = status.ToString(CultureInfo.InvariantCulture);
            writer.Sample(name, ExpositionWriter.Labels(
                ("method", "POST"), ("path", Path), ("status_code", code), ("app_name", "mlserver")), count);
        }
    }

    private static void WriteModels(
        ExpositionWriter writer, IReadOnlyList<InferenceSnapshot> versions, string name, string help,
        Func<InferenceSnapshot, long> value)
    {
        writer.Family(name, "counter", help);
        foreach (var version in versions) writer.Sample(name, LabelsOf(version), value(version));
    }

    private static string LabelsOf(InferenceSnapshot version) =>
        ExpositionWriter.Labels(("model", version.Model), ("version", version.Version));
}
