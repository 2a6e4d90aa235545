using System.Text.Json;
using Gyre.Serving.Engine;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Http;

/// <summary>Inference requests and answers of the Open Inference Protocol v2.</summary>
internal sealed class InferenceForm(RequestLimits limits) : IPredictionForm<InferenceRequest>
{
    public InferenceProtocol Protocol => InferenceProtocol.OipRest;

    public InferenceRequest Read(ReadOnlySpan<byte> body, ServedModel model)
    {
        var request = InferenceRequestReader.Read(body, [], InputCollector.For(model, limits));
        foreach (var output in request.Outputs)
        {
            if (!model.Scorer.Outputs.Any(known => known.Name == output.Name))
                throw RequestRejectedException.In(RejectionReason.UnknownOutput, output.Name, "the model has no such output");
        }

        return request;
    }

    public ModelInputs InputsOf(InferenceRequest request) => request.Inputs;

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
        if (request.Outputs.IsEmpty)
        {
            foreach (var tensor in model.Scorer.Outputs) WriteTensor(json, tensor, prediction.Outputs);
        }

        foreach (var asked in request.Outputs)
            WriteTensor(json, model.Scorer.Outputs.First(output => output.Name == asked.Name), prediction.Outputs);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A shape; -1 where it varies.</summary>
    public static void WriteShape(Utf8JsonWriter json, ReadOnlySpan<long> shape)
    {
        json.WriteStartArray("shape"u8);
        foreach (var length in shape) json.WriteNumberValue(length);
        json.WriteEndArray();
    }

    private static void WriteTensor(Utf8JsonWriter json, OutputTensor tensor, ModelOutputs outputs)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, tensor.Name);
        WriteShape(json, outputs.ShapeOf(tensor).AsSpan());
        json.WriteString("datatype"u8, tensor.Datatype.Name);
        json.WriteStartArray("data"u8);
        outputs.WriteTensor(json, tensor.Name);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
