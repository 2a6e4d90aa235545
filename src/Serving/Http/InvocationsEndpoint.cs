using System.Net.Mime;
using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Serving.Http;

/// <summary>
/// MLflow's and SageMaker's scoring: <c>POST /invocations</c> for the model that is served, or that the header
/// <c>X-Amzn-SageMaker-Target-Model</c> or the query <c>?model=</c> names, <c>POST /models/{model}/invocations</c>, and
/// <c>GET /ping</c>.
/// </summary>
internal sealed class InvocationsEndpoint(
    PredictionPipeline pipeline, ModelSlots slots, ChampionFollower follower, ServingOptions options)
{
    private const string ModelHeader = "X-Amzn-SageMaker-Target-Model";
    private const string VariantHeader = "X-Amzn-SageMaker-Target-Variant";
    private const int NamedModels = 20;

    private readonly InvocationsForm _json = new(options.Limits, isCsv: false);
    private readonly InvocationsForm _csv = new(options.Limits, isCsv: true);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/invocations", (HttpContext context) => AnswerAsync(context, ModelOf(context.Request)));
        routes.MapPost("/models/{model}/invocations", (HttpContext context) => AnswerAsync(context, context.Route("model")));
        routes.MapGet("/ping", (HttpContext context) =>
        {
            context.Response.StatusCode = follower.IsReady
                ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            context.Response.ContentType = MediaTypeNames.Application.Json;
            return context.Response.WriteAsync("\n", context.RequestAborted);
        });
    }

    private Task AnswerAsync(HttpContext context, string model)
    {
        var form = FormOf(context.Request);
        if (form is null) return RefuseTypeAsync(context);
        var variant = context.Request.Headers[VariantHeader].ToString();
        return pipeline.AnswerAsync(context, model, variant.Length > 0 ? variant : null, form);
    }

    private InvocationsForm? FormOf(HttpRequest request)
    {
        // Of several parts of a header, the first is the type; a charset other than UTF-8 would be read wrongly.
        if (!ContentTypeIsKnown(request.ContentType, out var type)) return null;
        return type switch
        {
            MediaTypeNames.Application.Json => _json,
            MediaTypeNames.Text.Csv => _csv,
            _ => null,
        };
    }

    private static bool ContentTypeIsKnown(string? header, out string? type)
    {
        type = null;
        if (header is null) return false;
        try
        {
            var parsed = new ContentType(header);
            type = parsed.MediaType.ToLowerInvariant();
            return parsed.CharSet is null || parsed.CharSet.Equals("utf-8", StringComparison.OrdinalIgnoreCase);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private string ModelOf(HttpRequest request)
    {
        var named = request.Headers[ModelHeader].ToString();
        if (named.Length == 0) named = request.Query["model"].ToString();
        if (named.Length > 0) return named;
        var served = slots.Served.Select(version => version.Model).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).ToArray();
        if (served.Length == 1) return served[0];
        if (served.Length == 0) throw GyreException.NotFound("No model is served.");
        var names = string.Join(", ", served.Take(NamedModels)) + (served.Length > NamedModels ? ", …" : "");
        throw GyreException.Invalid(
            $"{served.Length} models are served: name one by the header {ModelHeader} or ?model=. They are {names}.");
    }

    private static async Task RefuseTypeAsync(HttpContext context)
    {
        using var answer = JsonAnswer.Rent();
        answer.Json.WriteStartObject();
        answer.Json.WriteString("error_code"u8, "BAD_REQUEST"u8);
        answer.Json.WriteString("message"u8,
            "The content type must be application/json or text/csv, and its charset UTF-8.");
        answer.Json.WriteEndObject();
        await answer.SendAsync(context.Response, StatusCodes.Status415UnsupportedMediaType, context.RequestAborted);
    }
}

/// <summary>Requests of <c>/invocations</c> and their answers <c>{"predictions": …}</c>.</summary>
internal sealed class InvocationsForm(RequestLimits limits, bool isCsv) : IPredictionForm<ModelInputs>
{
    public InferenceProtocol Protocol => InferenceProtocol.Invocations;

    public ModelInputs Read(ReadOnlySpan<byte> body, ServedModel model)
    {
        if (!isCsv) return InvocationsReader.Read(body, model, limits);
        if (model.Tensors is { } tensors) return new TensorFrames(tensors, limits).ReadText(CsvText.Rows(body));
        var frame = new FrameReader(model.Inputs, limits);
        frame.ReadText(CsvText.Rows(body));
        return frame.Build();
    }

    public ModelInputs InputsOf(ModelInputs request) => request;

    /// <summary>
    /// Writes labels of a classifier and numbers of a regressor as a list, tensors as an object of arrays, and
    /// anything else as one object a row.
    /// </summary>
    public void Write(JsonAnswer answer, ModelInputs request, ServedModel model, in Prediction prediction)
    {
        var json = answer.Json;
        json.WriteStartObject();
        json.WritePropertyName("predictions"u8);
        if (prediction.Outputs is TensorOutputs whole && request is TensorInputs) whole.WriteNested(json);
        else
        {
            json.WriteStartArray();
            switch (prediction.Outputs)
            {
                case ClassOutputs classes: classes.WriteTensor(json, OutputTensor.Label); break;
                case NumberOutputs numbers: numbers.WriteTensor(json, OutputTensor.Prediction); break;
                case TensorOutputs tensors:
                    for (var row = 0; row < tensors.Rows; row++) tensors.WriteRecord(json, row);
                    break;
                default:
                    for (var row = 0; row < prediction.Outputs.Rows; row++) prediction.Outputs.WriteRow(json, row);
                    break;
            }

            json.WriteEndArray();
        }

        PredictionIds.Write(json, prediction.Ids);
        json.WriteEndObject();
    }
}
