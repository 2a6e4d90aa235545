using Gyre.Serving.Engine;
using Gyre.Serving.Explanation;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Gyre.Tabular;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Serving.Http;

/// <summary>
/// Explanations: <c>POST /explain/{model}</c> with Gyre's rows, <c>POST
/// /v2/models/{model}[/versions/{version}]/explain</c> with
/// tensors, and <c>POST /v1/models/{model}:explain</c> as KServe's first protocol has it.
/// </summary>
internal static class ExplainEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ExplanationPipeline pipeline, ServingOptions options)
    {
        var (rows, instances) = (new RowsForm(), new InstancesForm(options.Limits));
        routes.MapPost("/explain/{model}", (HttpContext context) =>
            pipeline.AnswerAsync(context, context.Route("model"), null, rows));
        routes.MapPost("/v1/models/{model}:explain", (HttpContext context) =>
            pipeline.AnswerAsync(context, context.Route("model"), null, instances));
        foreach (var model in new[] { "/models/{model}", "/models/{model}/versions/{version}" })
        {
            routes.MapPost(InferenceEndpoints.Prefix + model + "/explain", (HttpContext context) =>
                pipeline.AnswerAsync(context, context.Route("model"), context.RouteOrNull("version"),
                    new TensorExplanationForm(options.Limits, BinaryTensors.HeaderLength(context.Request))));
        }
    }

    /// <summary>Gyre's rows in, one explanation a row.</summary>
    private sealed class RowsForm : IExplanationForm<TableInputs>
    {
        public InferenceProtocol Protocol => InferenceProtocol.Predict;

        public TableInputs Read(ReadOnlySpan<byte> body, ServedModel model) =>
            RowsRequestReader.Read(body, model.Inputs);

        public ModelInputs InputsOf(TableInputs request) => request;

        public void Write(JsonAnswer answer, TableInputs request, ServedModel model, in ExplainedPrediction explained)
        {
            var json = answer.Json;
            json.WriteStartObject();
            json.WriteString("model"u8, model.Name);
            json.WriteNumber("version"u8, model.Version);
            ExplanationJson.WriteHead(json, explained.Explainer);
            json.WriteStartArray("explanations"u8);
            for (var row = 0; row < explained.Outputs.Rows; row++)
            {
                json.WriteStartObject();
                json.WritePropertyName("prediction"u8);
                explained.Outputs.WriteRow(json, row);
                ExplanationJson.WriteRow(json, explained, row);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    /// <summary>KServe's <c>{"instances": […]}</c> to <c>{"predictions": […], "explanations": […]}</c>.</summary>
    private sealed class InstancesForm(RequestLimits limits) : IExplanationForm<ModelInputs>
    {
        public InferenceProtocol Protocol => InferenceProtocol.Invocations;

        public ModelInputs Read(ReadOnlySpan<byte> body, ServedModel model) => InvocationsReader.Read(body, model, limits);

        public ModelInputs InputsOf(ModelInputs request) => request;

        public void Write(JsonAnswer answer, ModelInputs request, ServedModel model, in ExplainedPrediction explained)
        {
            var json = answer.Json;
            json.WriteStartObject();
            json.WriteStartArray("predictions"u8);
            for (var row = 0; row < explained.Outputs.Rows; row++) explained.Outputs.WriteRow(json, row);
            json.WriteEndArray();
            json.WriteStartArray("explanations"u8);
            for (var row = 0; row < explained.Outputs.Rows; row++)
            {
                json.WriteStartObject();
                ExplanationJson.WriteHead(json, explained.Explainer);
                ExplanationJson.WriteRow(json, explained, row);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    }
}
