using Gyre.Serving.Measurements;

namespace Gyre.Server.Metrics;

/// <summary>
/// The numbers of predictions as KServe's Python servers name them (<c>kserve/metrics.py</c>): histograms by
/// <c>model_name</c>, in the Python client's buckets. Versions of a model are one series there. Thread-safe.
/// </summary>
internal sealed class KserveFamilies(InferenceMeasurements measurements) : IMetricFamilies
{
    public void Write(ExpositionWriter writer)
    {
        var models = measurements.Read().GroupBy(version => version.Model).ToList();
        Write(writer, models, "request_predict_seconds", "predict request latency", v => v.Compute);
        Write(writer, models, "request_postprocess_seconds", "post-process request latency", v => v.Encode);
    }

    private static void Write(
        ExpositionWriter writer, List<IGrouping<string, InferenceSnapshot>> models, string name, string help,
        Func<InferenceSnapshot, HistogramSnapshot> phase)
    {
        writer.Family(name, "histogram", help);
        foreach (var model in models)
        {
            var sum = model.Select(phase).Aggregate((a, b) => a.Plus(b)).Over(PeerBounds.Python);
            writer.Histogram(name, ExpositionWriter.Labels(("model_name", model.Key)), sum);
        }
    }
}
