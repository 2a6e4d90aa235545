using System.Text.Json;
using Gyre.Serving.Engine;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Http;

/// <summary>Inference requests and answers of the Open Inference Protocol v2.</summary>
/// <param name="limits">What a request may hold.</param>
/// <param name="headerLength">The length of the JSON when tensors follow it as bytes; null when all is JSON.</param>
internal sealed class InferenceForm(RequestLimits limits, int? headerLength = null) : IPredictionForm<InferenceRequest>
{
    private static readonly JsonEncodedText ModelName = JsonEncodedText.Encode("model_name");
    private static readonly JsonEncodedText ModelVersion = JsonEncodedText.Encode("model_version");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText Parameters = JsonEncodedText.Encode("parameters");
    private static readonly JsonEncodedText Outputs = JsonEncodedText.Encode("outputs");
    private static readonly JsonEncodedText Name = JsonEncodedText.Encode("name");
    private static readonly JsonEncodedText Shape = JsonEncodedText.Encode("shape");
    private static readonly JsonEncodedText Datatype = JsonEncodedText.Encode("datatype");
    private static readonly JsonEncodedText Data = JsonEncodedText.Encode("data");
    private static readonly JsonEncodedText BinaryDataSize = JsonEncodedText.Encode("binary_data_size");

    /// <summary>The same for a request with tensors as bytes.</summary>
    public InferenceForm WithBinary(int length) => new(limits, length);

    public InferenceProtocol Protocol => InferenceProtocol.OipRest;

    public InferenceRequest Read(ReadOnlySpan<byte> body, ServedModel model)
    {
        var inputs = InputCollector.For(model, limits);
        if (headerLength is 0) return BinaryTensors.ReadWhole(body, model, inputs);
        var length = headerLength ?? body.Length;
        if (length < 0 || length > body.Length)
        {
            throw RequestRejectedException.Whole(RejectionReason.BadJson,
                $"'{BinaryTensors.Header}' is not the length of the JSON at the beginning of these {body.Length} bytes.");
        }

        var request = InferenceRequestReader.Read(body[..length], body[length..], inputs);
        foreach (var output in request.Outputs) Find(model, output.Name);
        return request;
    }

    public ModelInputs InputsOf(InferenceRequest request) => request.Inputs;

    public void Write(JsonAnswer answer, InferenceRequest request, ServedModel model, in Prediction prediction)
    {
        var json = answer.Json;
        json.WriteStartObject();
        json.WriteString(ModelName, model.Name);
        json.WriteString(ModelVersion, model.VersionText);
        if (request.Id is not null) json.WriteString(Id, request.Id);
        json.WriteStartObject(Parameters);
        PredictionIds.Write(json, prediction.Ids);
        json.WriteEndObject();
        json.WriteStartArray(Outputs);
        if (request.Outputs.IsEmpty)
        {
            foreach (var tensor in model.Scorer.Outputs)
                WriteTensor(answer, tensor, prediction.Outputs, request.BinaryOutputs);
        }

        foreach (var asked in request.Outputs)
        {
            WriteTensor(
                answer, Find(model, asked.Name), prediction.Outputs, asked.IsBinary ?? request.BinaryOutputs);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A shape; -1 where it varies.</summary>
    public static void WriteShape(Utf8JsonWriter json, ReadOnlySpan<long> shape)
    {
        json.WriteStartArray(Shape);
        foreach (var length in shape) json.WriteNumberValue(length);
        json.WriteEndArray();
    }

    private static OutputTensor Find(ServedModel model, string name)
    {
        foreach (var output in model.Scorer.Outputs)
        {
            if (output.Name == name) return output;
        }

        throw RequestRejectedException.In(RejectionReason.UnknownOutput, name, "the model has no such output");
    }

    private static void WriteTensor(JsonAnswer answer, OutputTensor tensor, ModelOutputs outputs, bool isBinary)
    {
        var json = answer.Json;
        json.WriteStartObject();
        json.WriteString(Name, tensor.Name);
        WriteShape(json, outputs.ShapeOf(tensor).AsSpan());
        json.WriteString(Datatype, tensor.Datatype.Name);
        if (isBinary)
        {
            var start = answer.Binary.WrittenCount;
            outputs.WriteRaw(answer.Binary, tensor.Name);
            json.WriteStartObject(Parameters);
            json.WriteNumber(BinaryDataSize, answer.Binary.WrittenCount - start);
            json.WriteEndObject();
        }
        else
        {
            if (!tensor.Datatype.HasJson)
            {
                throw RequestRejectedException.In(RejectionReason.UnknownOutput, tensor.Name,
                    $"it is {tensor.Datatype.Name}, which has no form in JSON: ask for it with 'binary_data'");
            }

            json.WriteStartArray(Data);
            outputs.WriteTensor(json, tensor.Name);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
