using System.Collections.Immutable;
using System.Text;
using Gyre.Serving.Engine;
using Gyre.Serving.Grpc.Wire;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Grpc.Inference;

/// <summary>
/// Reads the inputs of a <c>ModelInferRequest</c> into what the model takes. Its parameters are passed over,
/// as the protocol wants of those that a server does not know.
/// </summary>
internal static class InferRequestReader
{
    private const int LongestShape = 8;

    /// <summary>What the model takes, complete.</summary>
    /// <exception cref="RequestRejectedException">The inputs are not acceptable.</exception>
    /// <exception cref="Transport.CallFailedException">The message is no protobuf message.</exception>
    public static ModelInputs ReadInputs(ReadOnlySpan<byte> message, InputCollector inputs, bool isRaw)
    {
        var tensors = new ProtoReader(message);
        var raws = new ProtoReader(message);
        while (tensors.Next(InferFields.Tensors, WireType.Bytes))
        {
            var tensor = RequestTensor.Read(tensors.ReadBytes());
            var index = inputs.Find(tensor.Name);
            var name = inputs.Names[index];
            if (isRaw && !raws.Next(InferFields.RawInputs, WireType.Bytes))
                throw Reject(RejectionReason.BadShape, name, "raw_input_contents has fewer entries than inputs");
            ReadTensor(tensor, inputs, index, isRaw, isRaw ? raws.ReadBytes() : default);
        }

        if (isRaw && raws.Next(InferFields.RawInputs, WireType.Bytes))
        {
            throw RequestRejectedException.Whole(
                RejectionReason.BadShape, "'raw_input_contents' has more entries than 'inputs'.");
        }

        return inputs.Build();
    }

    /// <summary>The outputs asked for, in that order; all when none is named.</summary>
    /// <exception cref="RequestRejectedException">The model has no such output.</exception>
    public static ImmutableArray<OutputTensor> ReadOutputs(ReadOnlySpan<byte> message, ImmutableArray<OutputTensor> all)
    {
        var requested = new ProtoReader(message);
        ImmutableArray<OutputTensor>.Builder? outputs = null;
        while (requested.Next(InferFields.RequestedOutputs, WireType.Bytes))
        {
            ReadOnlySpan<byte> utf8 = default;
            var fields = new ProtoReader(requested.ReadBytes());
            while (fields.Next(InferFields.TensorName, WireType.Bytes)) utf8 = fields.ReadBytes();
            var name = Encoding.UTF8.GetString(utf8);
            var output = all.FirstOrDefault(tensor => tensor.Name == name) ?? throw RequestRejectedException.In(
                RejectionReason.UnknownOutput, name, "the model has no such output");
            outputs ??= ImmutableArray.CreateBuilder<OutputTensor>();
            if (!outputs.Contains(output)) outputs.Add(output);
        }

        return outputs?.ToImmutable() ?? all;
    }

    private static void ReadTensor(
        RequestTensor tensor, InputCollector inputs, int index, bool isRaw, ReadOnlySpan<byte> raw)
    {
        var name = inputs.Names[index];
        var datatype = TensorDatatype.FindRaw(tensor.Datatype)
            ?? throw TensorDatatype.Unknown(name, Encoding.UTF8.GetString(tensor.Datatype));
        Span<long> room = stackalloc long[LongestShape];
        var rank = tensor.ReadShape(room);
        if (rank > LongestShape)
            throw Reject(RejectionReason.BadShape, name, $"'shape' has more than {LongestShape} lengths");
        var shape = room[..rank];
        if (isRaw && !tensor.Contents.IsEmpty)
        {
            throw Reject(RejectionReason.BadShape, name,
                "it has contents, and the request has raw_input_contents: it must be one or the other");
        }

        if (isRaw)
        {
            inputs.Add(index, RawTensor.Open(name, datatype, shape, raw));
            return;
        }

        using var scratch = AnswerBuffer.Rent();
        var contents = tensor.ReadContents(name, datatype, scratch);
        inputs.Add(index, RawTensor.Open(name, datatype, shape, contents));
    }

    private static RequestRejectedException Reject(RejectionReason reason, string name, string problem) =>
        RequestRejectedException.In(reason, name, problem);
}
