using System.Text.Json;
using Gyre.Serving.Engine;
using Gyre.Serving.Explanation;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Http;

/// <summary>
/// Explanations as tensors of the Open Inference Protocol: the model's own outputs (all, or those that the request
/// names), then
/// <c>columns</c> [columns], <c>base_values</c> [outputs], <c>scores</c> [rows, outputs] and <c>contributions</c>
/// [rows, outputs, columns], always as JSON. The request is one for inference.
/// </summary>
/// <param name="limits">What a request may hold.</param>
/// <param name="headerLength">The length of the JSON when tensors follow it as bytes; null when all is JSON.</param>
internal sealed class TensorExplanationForm(RequestLimits limits, int? headerLength) : IExplanationForm<InferenceRequest>
{
    private readonly InferenceForm _request = new(limits, headerLength);

    public InferenceProtocol Protocol => InferenceProtocol.OipRest;

    public InferenceRequest Read(ReadOnlySpan<byte> body, ServedModel model) => _request.Read(body, model);

    public ModelInputs InputsOf(InferenceRequest request) => request.Inputs;

    public void Write(JsonAnswer answer, InferenceRequest request, ServedModel model, in ExplainedPrediction explained)
    {
        var json = answer.Json;
        json.WriteStartObject();
        json.WriteString("model_name"u8, model.Name);
        json.WriteString("model_version"u8, model.VersionText);
        if (request.Id is not null) json.WriteString("id"u8, request.Id);
        json.WriteStartObject("parameters"u8);
        json.WriteString("method"u8, explained.Explainer.Method);
        json.WriteString("unit"u8, explained.Explainer.Unit);
        json.WriteString("link"u8, explained.Explainer.LinkName);
        json.WriteEndObject();
        json.WriteStartArray("outputs"u8);
        foreach (var output in model.Scorer.Outputs)
        {
            if (!request.Outputs.IsEmpty && request.Outputs.All(asked => asked.Name != output.Name)) continue;
            Begin(json, output.Name, output.Datatype.Name, explained.Outputs.ShapeOf(output).AsSpan());
            explained.Outputs.WriteTensor(json, output.Name);
            End(json);
        }

        WriteExplanation(json, explained);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteExplanation(Utf8JsonWriter json, in ExplainedPrediction explained)
    {
        var (contributions, columns) = (explained.Contributions, explained.Explainer.Columns);
        Begin(json, "columns", TensorDatatype.Bytes.Name, [columns.Length]);
        foreach (var column in columns) json.WriteStringValue(column.Name);
        End(json);
        Begin(json, "base_values", TensorDatatype.Float64.Name, [contributions.Outputs]);
        foreach (var value in contributions.BaseValues) json.WriteNumberValue(value);
        End(json);
        Begin(json, "scores", TensorDatatype.Float64.Name, [contributions.Rows, contributions.Outputs]);
        for (var i = 0; i < contributions.Rows * contributions.Outputs; i++)
            json.WriteNumberValue(contributions.Score(i / contributions.Outputs, i % contributions.Outputs));
        End(json);
        Begin(json, "contributions", TensorDatatype.Float64.Name,
            [contributions.Rows, contributions.Outputs, columns.Length]);
        for (var i = 0; i < contributions.Rows * contributions.Outputs; i++)
        {
            foreach (var value in contributions.Of(i / contributions.Outputs, i % contributions.Outputs))
                json.WriteNumberValue(value);
        }

        End(json);
    }

    private static void Begin(Utf8JsonWriter json, string name, string datatype, ReadOnlySpan<long> shape)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        InferenceForm.WriteShape(json, shape);
        json.WriteString("datatype"u8, datatype);
        json.WriteStartArray("data"u8);
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
