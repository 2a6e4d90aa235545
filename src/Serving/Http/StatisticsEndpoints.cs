using System.Text.Json;
using Gyre.Serving.Measurements;
using Gyre.Serving.Slots;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Serving.Http;

/// <summary>
/// Triton's statistics extension of the Open Inference Protocol: <c>GET /v2/models/stats</c>,
/// <c>/v2/models/{model}/stats</c>, <c>/v2/models/{model}/versions/{version}/stats</c>. What is not measured here
/// (preparing inputs, a cache, times of failures, times by batch size) is 0 or empty.
/// </summary>
internal sealed class StatisticsEndpoints(InferenceMeasurements measurements, ModelSlots slots, TimeProvider time)
{
    private const double Nanoseconds = 1e9;

    public void Map(IEndpointRouteBuilder routes)
    {
        const string models = InferenceEndpoints.Prefix + "/models";
        routes.MapGet(models + "/stats", (HttpContext context) => AnswerAsync(context, _ => true));
        routes.MapGet(models + "/{model}/stats", (HttpContext context) =>
        {
            var model = context.Route("model");
            ServedModels.Require(slots, model);
            return AnswerAsync(context, version => version.Model == model);
        });
        routes.MapGet(models + "/{model}/versions/{version}/stats", (HttpContext context) =>
        {
            var named = ServedModels.Named(slots, context.Route("model"), context.Route("version"));
            return AnswerAsync(context, version => OfSnapshot(version) == named);
        });
    }

    private static ServedVersion OfSnapshot(InferenceSnapshot version) =>
        new(version.Model, int.Parse(version.Version, System.Globalization.CultureInfo.InvariantCulture));

    private async Task AnswerAsync(HttpContext context, Func<InferenceSnapshot, bool> isAsked)
    {
        using var answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteStartArray("model_stats"u8);
        foreach (var version in measurements.Read().Where(isAsked)) Write(answer.Json, version);
        answer.Json.WriteEndArray();
        answer.Json.WriteEndObject();
        await answer.SendAsync(context.Response, StatusCodes.Status200OK, context.RequestAborted);
    }

    private void Write(Utf8JsonWriter json, InferenceSnapshot version)
    {
        var answered = version.Requests(InferenceOutcome.Ok);
        json.WriteStartObject();
        json.WriteString("name"u8, version.Model);
        json.WriteString("version"u8, version.Version);
        json.WriteNumber("last_inference"u8, answered == 0 ? 0 : LastAsked(OfSnapshot(version)));
        json.WriteNumber("inference_count"u8, version.Rows);
        json.WriteNumber("execution_count"u8, version.BatchRows.Count);
        json.WriteStartObject("inference_stats"u8);
        Write(json, "success", answered, version.Duration.Sum);
        Write(json, "fail", Failed(version), 0);
        Write(json, "queue", version.Queue.Count, version.Queue.Sum);
        Write(json, "compute_input", 0, 0);
        Write(json, "compute_infer", version.Compute.Count, version.Compute.Sum);
        Write(json, "compute_output", version.Encode.Count, version.Encode.Sum);
        Write(json, "cache_hit", 0, 0);
        Write(json, "cache_miss", 0, 0);
        json.WriteEndObject();
        json.WriteStartArray("batch_stats"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static long Failed(InferenceSnapshot version) => version.Requests(InferenceOutcome.Rejected)
        + version.Requests(InferenceOutcome.Saturated) + version.Requests(InferenceOutcome.Cancelled)
        + version.Requests(InferenceOutcome.Error);

    private long LastAsked(ServedVersion version) => slots.SinceAsked(version) is { } since
        ? (time.GetUtcNow() - since).ToUnixTimeMilliseconds() : 0;

    private static void Write(Utf8JsonWriter json, string name, long count, double seconds)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count"u8, count);
        json.WriteNumber("ns"u8, (long)Math.Round(seconds * Nanoseconds));
        json.WriteEndObject();
    }
}
