using System.Text.Json;
using Gyre.Serving.Engine;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Serving.Http;

/// <summary>
/// <c>POST /predict/{model}</c>: <c>{"rows":[{column: value}]}</c> to
/// <c>{"model":…,"version":…,"predictionId":…,"predictions":[…]}</c>; <c>predictionIds</c> for several rows.
/// </summary>
/// <remarks>
/// Handlers of this folder are plain request delegates: bodies never pass through a serializer, and binding by
/// reflection would cost start-up time.
/// </remarks>
internal static class PredictEndpoint
{
    private static readonly Form Rows = new();

    public static void Map(IEndpointRouteBuilder routes, PredictionPipeline pipeline) =>
        routes.MapPost("/predict/{model}", (HttpContext context) => PredictAsync(context, pipeline));

    private static Task PredictAsync(HttpContext context, PredictionPipeline pipeline) =>
        pipeline.AnswerAsync(context, context.Route("model"), null, Rows);

    private sealed class Form : IPredictionForm<TableInputs>
    {
        public InferenceProtocol Protocol => InferenceProtocol.Predict;

        public TableInputs Read(ReadOnlySpan<byte> body, ServedModel model) => model.Tensors is null
            ? RowsRequestReader.Read(body, model.Inputs)
            : throw RequestRejectedException.Whole(RejectionReason.BadJson,
                $"'{model.Name}' takes tensors, not rows: use /v2/models/{model.Name}/infer or /invocations.");

        public ModelInputs InputsOf(TableInputs request) => request;

        public void Write(JsonAnswer answer, TableInputs request, ServedModel model, in Prediction prediction)
        {
            var json = answer.Json;
            var outputs = prediction.Outputs;
            json.WriteStartObject();
            json.WriteString("model"u8, model.Name);
            json.WriteNumber("version"u8, model.Version);
            PredictionIds.Write(json, prediction.Ids);
            json.WriteStartArray("predictions"u8);
            for (var row = 0; row < outputs.Rows; row++) outputs.WriteRow(json, row);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }
}

/// <summary>Prediction ids in answers.</summary>
internal static class PredictionIds
{
    /// <summary>Writes <c>predictionId</c> for one row, <c>predictionIds</c> for several.</summary>
    public static void Write(Utf8JsonWriter json, string[] ids)
    {
        if (ids.Length == 1)
        {
            json.WriteString("predictionId"u8, ids[0]);
            return;
        }

        json.WriteStartArray("predictionIds"u8);
        foreach (var id in ids) json.WriteStringValue(id);
        json.WriteEndArray();
    }
}

/// <summary>Short forms for handlers.</summary>
internal static class RouteExtensions
{
    /// <summary>A value of the route, which the route's pattern demands.</summary>
    public static string Route(this HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    /// <summary>A value of the route, or null where the pattern has no such part.</summary>
    public static string? RouteOrNull(this HttpContext context, string name) =>
        context.Request.RouteValues[name] as string;
}
