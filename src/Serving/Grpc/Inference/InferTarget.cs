using System.Text;
using Gyre.Serving.Grpc.Wire;

namespace Gyre.Serving.Grpc.Inference;

/// <summary>What a <c>ModelInferRequest</c> asks for, before it is known how its inputs are to be read.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">Its version; null for the one that is served.</param>
/// <param name="Id">The client's id, echoed in the answer; empty when there is none.</param>
/// <param name="IsRaw">Whether the inputs are in <c>raw_input_contents</c>.</param>
internal readonly record struct InferTarget(string Model, string? Version, string Id, bool IsRaw)
{
    /// <summary>Reads the head of a request.</summary>
    /// <exception cref="Transport.CallFailedException">It is no protobuf message.</exception>
    public static InferTarget Read(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> model = default, version = default, id = default;
        var isRaw = false;
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            if (fields.Type is not WireType.Bytes)
            {
                fields.Skip();
                continue;
            }

            var value = fields.ReadBytes();
            switch (fields.Field)
            {
                case InferFields.ModelName: model = value; break;
                case InferFields.ModelVersion: version = value; break;
                case InferFields.Id: id = value; break;
                case InferFields.RawInputs: isRaw = true; break;
            }
        }

        return new InferTarget(Encoding.UTF8.GetString(model),
            version.IsEmpty ? null : Encoding.UTF8.GetString(version), Encoding.UTF8.GetString(id), isRaw);
    }
}

/// <summary>Field numbers of <c>ModelInferRequest</c> and <c>ModelInferResponse</c>, as in inference.proto.</summary>
internal static class InferFields
{
    public const int ModelName = 1;
    public const int ModelVersion = 2;
    public const int Id = 3;
    public const int Parameters = 4;
    public const int Tensors = 5;
    public const int RequestedOutputs = 6;
    public const int RawOutputs = 6;
    public const int RawInputs = 7;

    public const int TensorName = 1;
    public const int TensorDatatype = 2;
    public const int TensorShape = 3;
    public const int TensorContents = 5;

    public const int MapKey = 1;
    public const int MapValue = 2;
    public const int StringParameter = 3;
}
