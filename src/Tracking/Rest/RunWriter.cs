using System.Globalization;
using System.Text.Json;
using Gyre.Tracking.Search;

namespace Gyre.Tracking.Rest;

/// <summary>The protocol's objects of runs.</summary>
internal static class RunWriter
{
    /// <summary>A <c>Run</c> with all that hangs on it.</summary>
    public static void Write(Utf8JsonWriter json, RunRecord run)
    {
        json.WriteStartObject();
        json.WriteStartObject("info");
        WriteRow(json, run);
        json.WriteEndObject();
        json.WriteStartObject("data");
        json.WriteList("metrics", run.Metrics, static (json, metric) =>
            WritePoint(json, metric.Key, metric.Value, metric.Timestamp, metric.Step));
        json.WritePairs("params", run.Params);
        json.WritePairs("tags", run.Tags);
        json.WriteEndObject();
        json.WriteStartObject("inputs");
        json.WriteList("dataset_inputs", run.Datasets, static (json, dataset) => WriteUse(json, dataset));
        json.WriteList("model_inputs", run.ModelInputs, static (json, model) => json.WriteString("model_id", model));
        json.WriteEndObject();
        if (run.ModelOutputs.Count > 0)
        {
            json.WriteStartObject("outputs");
            json.WriteList("model_outputs", run.ModelOutputs, static (json, output) =>
            {
                json.WriteString("model_id", output.ModelId);
                json.WriteNumber("step", output.Step);
            });
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>The fields of a <c>RunInfo</c>.</summary>
    public static void WriteRow(Utf8JsonWriter json, RunRecord run)
    {
        json.WriteString("run_id", run.Id);
        json.WriteString("run_uuid", run.Id);
        json.WriteString("run_name", run.Name);
        json.WriteString("experiment_id", run.ExperimentId.ToString(CultureInfo.InvariantCulture));
        json.WriteString("user_id", run.UserId);
        json.WriteString("status", run.Status);
        json.WriteOptional("start_time", run.StartTime);
        json.WriteOptional("end_time", run.EndTime);
        json.WriteString("artifact_uri", run.ArtifactUri);
        json.WriteString("lifecycle_stage", run.LifecycleStage);
    }

    /// <summary>The fields of a <c>Metric</c>.</summary>
    public static void WritePoint(Utf8JsonWriter json, string key, double value, long timestamp, long step)
    {
        json.WriteString("key", key);
        json.WriteDouble("value", value);
        json.WriteNumber("timestamp", timestamp);
        json.WriteNumber("step", step);
    }

    private static void WriteUse(Utf8JsonWriter json, DatasetInputRecord dataset)
    {
        json.WritePairs("tags", dataset.Tags);
        json.WriteStartObject("dataset");
        json.WriteString("name", dataset.Name);
        json.WriteString("digest", dataset.Digest);
        json.WriteString("source_type", dataset.SourceType);
        json.WriteString("source", dataset.Source);
        json.WriteOptional("schema", dataset.Schema);
        json.WriteOptional("profile", dataset.Profile);
        json.WriteEndObject();
    }
}
