using System.Text.Json;
using Gyre.Serving.Engine;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Http;

/// <summary>Inference requests and answers of the Open Inference Protocol v2.</summary>
internal sealed class InferenceForm : IPredictionForm<InferenceRequest>
{
    public InferenceProtocol Protocol => InferenceProtocol.OipRest;

    public InferenceRequest Read(ReadOnlySpan<byte> body, ServedModel model)
    {
        var request = InferenceRequestReader.Read(body, model.Inputs);
        foreach (var name in request.Outputs)
        {
            if (!model.Scorer.Outputs.Any(output => output.Name == name))
                throw RequestRejectedException.In(RejectionReason.UnknownOutput, name, "the model has no such output");
        }

        return request;
    }

    public ModelInputs InputsOf(InferenceRequest request) => new TableInputs(request.Rows);

    public void Write(Utf8JsonWriter json, InferenceRequest request, ServedModel model, in Prediction prediction)
    {
        json.WriteStartObject();
        json.WriteString("model_name"u8, model.Name);
        json.WriteString("model_version"u8, model.VersionText);
        if (request.Id is not null) json.WriteString("id"u8, request.Id);
        json.WriteStartObject("parameters"u8);
        PredictionIds.Write(json, prediction.Ids);
        json.WriteEndObject();
        json.WriteStartArray("outputs"u8);
        foreach (var tensor in model.Scorer.Outputs)
        {
            if (request.Outputs.IsEmpty || request.Outputs.Contains(tensor.Name)) WriteTensor(json, tensor, prediction.Outputs);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The shape of an output; -1 rows where it varies.</summary>
    public static void WriteShape(Utf8JsonWriter json, int rows, params ReadOnlySpan<int> dimensions)
    {
        json.WriteStartArray("shape"u8);
        json.WriteNumberValue(rows);
        foreach (var dimension in dimensions) json.WriteNumberValue(dimension);
        json.WriteEndArray();
    }

    private static void WriteTensor(Utf8JsonWriter json, OutputTensor tensor, ModelOutputs outputs)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, tensor.Name);
        WriteShape(json, outputs.Rows, tensor.Width > 0 ? [tensor.Width] : []);
        json.WriteString("datatype"u8, tensor.Datatype.Name);
        json.WriteStartArray("data"u8);
        outputs.WriteTensor(json, tensor.Name);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
