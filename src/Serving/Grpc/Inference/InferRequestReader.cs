using System.Collections.Immutable;
using System.Text;
using Gyre.Serving.Engine;
using Gyre.Serving.Grpc.Wire;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Grpc.Inference;

/// <summary>
/// Reads the inputs of a <c>ModelInferRequest</c> into columns, one tensor per column. Its parameters are passed over,
/// as the protocol wants of those that a server does not know.
/// </summary>
internal static class InferRequestReader
{
    private const int LongestShape = 8;

    /// <summary>The columns, complete and of equal length.</summary>
    /// <exception cref="RequestRejectedException">The inputs are not acceptable.</exception>
    /// <exception cref="Transport.CallFailedException">The message is no protobuf message.</exception>
    public static TableInputs ReadInputs(ReadOnlySpan<byte> message, InputColumns columns, bool isRaw)
    {
        var readers = columns.CreateReaders();
        var tensors = new ProtoReader(message);
        var raws = new ProtoReader(message);
        var rows = -1;
        for (var next = 0; tensors.Next(InferFields.Tensors, WireType.Bytes); next++)
        {
            var tensor = InputTensor.Read(tensors.ReadBytes());
            var index = columns.IndexOf(tensor.Name, next);
            if (index < 0) throw Unknown(tensor);
            var reader = readers[index];
            if (reader.Count > 0) throw Reject(RejectionReason.DuplicateColumn, reader, "two tensors have this name");
            if (isRaw && !raws.Next(InferFields.RawInputs, WireType.Bytes))
                throw Reject(RejectionReason.BadShape, reader, "raw_input_contents has fewer entries than inputs");
            var read = ReadColumn(tensor, reader, isRaw, isRaw ? raws.ReadBytes() : default);
            if (rows >= 0 && read != rows)
                throw Reject(RejectionReason.BadShape, reader, $"{read} rows, but the tensors before it have {rows}");
            rows = read;
        }

        if (isRaw && raws.Next(InferFields.RawInputs, WireType.Bytes))
        {
            throw RequestRejectedException.Whole(
                RejectionReason.BadShape, "'raw_input_contents' has more entries than 'inputs'.");
        }

        Complete(readers, rows);
        return new TableInputs(columns.Build(readers));
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

    private static int ReadColumn(InputTensor tensor, ColumnReader reader, bool isRaw, ReadOnlySpan<byte> raw)
    {
        var datatype = TensorDatatype.FindRaw(tensor.Datatype) ?? throw Reject(RejectionReason.WrongType, reader,
            $"the datatype '{Show(tensor.Datatype)}' is not one of the protocol");
        Span<long> room = stackalloc long[LongestShape];
        var rank = tensor.ReadShape(room);
        if (rank > LongestShape)
            throw Reject(RejectionReason.BadShape, reader, $"'shape' has more than {LongestShape} lengths");
        var shape = room[..rank];
        if (isRaw && !tensor.Contents.IsEmpty)
        {
            throw Reject(RejectionReason.BadShape, reader,
                "it has contents, and the request has raw_input_contents: it must be one or the other");
        }

        if (isRaw) return RawTensorReader.Read(RawTensor.Open(reader.Name, datatype, shape, raw), reader);
        using var scratch = AnswerBuffer.Rent();
        var contents = tensor.ReadContents(reader.Name, datatype, scratch);
        return RawTensorReader.Read(RawTensor.Open(reader.Name, datatype, shape, contents), reader);
    }

    private static void Complete(ColumnReader[] readers, int rows)
    {
        foreach (var reader in readers)
        {
            if (reader.Count > 0) continue;
            if (!reader.Optional || rows < 0)
                throw Reject(RejectionReason.MissingColumn, reader, "missing from 'inputs'");
            for (var row = 0; row < rows; row++) reader.ReadAbsent();
        }
    }

    private static RequestRejectedException Unknown(InputTensor tensor) => RequestRejectedException.In(
        RejectionReason.UnknownColumn, Encoding.UTF8.GetString(tensor.Name), "the model has no such input");

    private static RequestRejectedException Reject(RejectionReason reason, ColumnReader reader, string problem) =>
        RequestRejectedException.In(reason, reader.Name, problem);

    private static string Show(ReadOnlySpan<byte> text) =>
        RequestRejectedException.Shorten(Encoding.UTF8.GetString(text));
}
