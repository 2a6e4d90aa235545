using System.Text.Json;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Gyre.Tabular;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Serving.Http;

/// <summary>The Open Inference Protocol v2 over REST: <c>/v2…</c>.</summary>
internal static class InferenceEndpoints
{
    /// <summary>Where the protocol's routes begin; their errors have the form <c>{"error": text}</c>.</summary>
    public const string Prefix = "/v2";

    internal static readonly string ServerVersion =
        typeof(InferenceEndpoints).Assembly.GetName().Version!.ToString(3); // set by the build

    public static void Map(
        IEndpointRouteBuilder routes, PredictionPipeline pipeline, ModelSlots slots, ChampionFollower follower,
        ServingOptions options)
    {
        var form = new InferenceForm(options.Limits);
        routes.MapGet(Prefix, DescribeServerAsync);
        routes.MapGet(Prefix + "/health/live", (HttpContext context) => AnswerHealthAsync(context, true, []));
        routes.MapGet(Prefix + "/health/ready", (HttpContext context) =>
            AnswerHealthAsync(context, follower.IsReady, follower.Failures));
        foreach (var model in new[] { Prefix + "/models/{model}", Prefix + "/models/{model}/versions/{version}" })
        {
            routes.MapGet(model, (HttpContext context) => DescribeModelAsync(context, slots));
            routes.MapGet(model + "/ready", (HttpContext context) => AnswerModelReadyAsync(context, slots));
            routes.MapPost(model + "/infer", (HttpContext context) => InferAsync(context, pipeline, form));
        }
    }

    private static Task InferAsync(HttpContext context, PredictionPipeline pipeline, InferenceForm form) =>
        pipeline.AnswerAsync(context, context.Route("model"), context.RouteOrNull("version"),
            BinaryTensors.HeaderLength(context.Request) is { } length ? form.WithBinary(length) : form);

    private static async Task DescribeServerAsync(HttpContext context)
    {
        using var answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteString("name"u8, "gyre"u8);
        answer.Json.WriteString("version"u8, ServerVersion);
        answer.Json.WriteStartArray("extensions"u8);
        answer.Json.WriteStringValue("binary_tensor_data"u8);
        answer.Json.WriteStringValue("model_repository"u8);
        answer.Json.WriteStringValue("model_repository(unload_dependents)"u8);
        answer.Json.WriteStringValue("statistics"u8);
        answer.Json.WriteEndArray();
        answer.Json.WriteEndObject();
        await answer.SendAsync(context.Response, StatusCodes.Status200OK, context.RequestAborted);
    }

    // The protocol's text says "live" where its gRPC form says "ready": both are sent.
    private static async Task AnswerHealthAsync(
        HttpContext context, bool healthy, IReadOnlyList<LoadFailure> failures)
    {
        using var answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteBoolean("live"u8, healthy);
        answer.Json.WriteBoolean("ready"u8, healthy);
        if (failures.Count > 0) WriteFailures(answer.Json, failures);
        answer.Json.WriteEndObject();
        var status = healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await answer.SendAsync(context.Response, status, context.RequestAborted);
    }

    private static void WriteFailures(Utf8JsonWriter json, IReadOnlyList<LoadFailure> failures)
    {
        json.WriteStartArray("failures"u8);
        foreach (var failure in failures)
        {
            json.WriteStartObject();
            json.WriteString("model"u8, failure.Model);
            json.WriteNumber("version"u8, failure.Version);
            json.WriteString("reason"u8, failure.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static async Task AnswerModelReadyAsync(HttpContext context, ModelSlots slots)
    {
        using var hold = await ServedModels.HoldAsync(
            slots, context.Route("model"), context.RouteOrNull("version"), context.RequestAborted);
        using var answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteString("name"u8, context.Route("model"));
        answer.Json.WriteBoolean("ready"u8, true);
        answer.Json.WriteEndObject();
        await answer.SendAsync(context.Response, StatusCodes.Status200OK, context.RequestAborted);
    }

    private static async Task DescribeModelAsync(HttpContext context, ModelSlots slots)
    {
        using var hold = await ServedModels.HoldAsync(
            slots, context.Route("model"), context.RouteOrNull("version"), context.RequestAborted);
        using var answer = JsonAnswer.Rent();
        WriteModel(answer.Json, hold.Model);
        await answer.SendAsync(context.Response, StatusCodes.Status200OK, context.RequestAborted);
    }

    private static void WriteModel(Utf8JsonWriter json, ServedModel model)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, model.Name);
        json.WriteStartArray("versions"u8);
        json.WriteStringValue(model.VersionText);
        json.WriteEndArray();
        json.WriteString("platform"u8, "onnx_onnxv1"u8);
        json.WriteStartArray("inputs"u8);
        foreach (var column in model.Scorer.Inputs)
            WriteTensor(json, column.Name, DatatypeOf(column.Type), ShapeOf(column));
        foreach (var input in model.Scorer.Tensors) WriteTensor(json, input.Name, input.Datatype, input.Shape.AsSpan());
        json.WriteEndArray();
        json.WriteStartArray("outputs"u8);
        foreach (var output in model.Scorer.Outputs)
            WriteTensor(json, output.Name, output.Datatype, output.Shape.AsSpan());
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTensor(
        Utf8JsonWriter json, string name, TensorDatatype datatype, ReadOnlySpan<long> shape)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("datatype"u8, datatype.Name);
        InferenceForm.WriteShape(json, shape);
        json.WriteEndObject();
    }

    internal static TensorDatatype DatatypeOf(ColumnType type) => type switch
    {
        ColumnType.Numeric => TensorDatatype.Float64,
        ColumnType.Integer or ColumnType.Timestamp => TensorDatatype.Int64,
        ColumnType.Boolean => TensorDatatype.Bool,
        ColumnType.Image => TensorDatatype.UInt8,
        _ => TensorDatatype.Bytes,
    };

    /// <summary>The shape of the tensor that carries a column.</summary>
    internal static long[] ShapeOf(ColumnDefinition column) => column.Image is { } image
        ? [-1, image.Height, image.Width, image.Channels] : [-1, 1];
}
