using Google.Protobuf;
using Gyre.Serving.Grpc.Protocol;
using Gyre.Serving.Grpc.Wire;
using Gyre.Serving.Requests;

namespace Gyre.Serving.Grpc.Inference;

/// <summary>One <c>InferInputTensor</c>, its parts where they lie in the request.</summary>
internal readonly ref struct RequestTensor
{
    private readonly ReadOnlySpan<byte> _message;

    private RequestTensor(
        ReadOnlySpan<byte> message, ReadOnlySpan<byte> name, ReadOnlySpan<byte> datatype, ReadOnlySpan<byte> contents)
    {
        _message = message;
        Name = name;
        Datatype = datatype;
        Contents = contents;
    }

    /// <summary>Its name, in UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The name of its datatype, in UTF-8.</summary>
    public ReadOnlySpan<byte> Datatype { get; }

    /// <summary>Its typed contents, a message; empty when there are none.</summary>
    public ReadOnlySpan<byte> Contents { get; }

    /// <summary>Reads a tensor.</summary>
    /// <exception cref="Transport.CallFailedException">It is no protobuf message.</exception>
    public static RequestTensor Read(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> name = default, datatype = default, contents = default;
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
                case InferFields.TensorName: name = value; break;
                case InferFields.TensorDatatype: datatype = value; break;
                case InferFields.TensorContents when !contents.IsEmpty && !value.IsEmpty:
                    return Read(PutInOrder(message));
                case InferFields.TensorContents when !value.IsEmpty: contents = value; break;
            }
        }

        return new RequestTensor(message, name, datatype, contents);
    }

    /// <summary>Its shape.</summary>
    /// <param name="room">Where the lengths go.</param>
    /// <returns>How many there are; one more than there is room for when there are too many.</returns>
    public int ReadShape(Span<long> room)
    {
        var count = 0;
        var fields = new ProtoReader(_message);
        while (fields.Next() && count <= room.Length)
        {
            if (fields.Field != InferFields.TensorShape || fields.Type is not (WireType.Bytes or WireType.Varint))
            {
                fields.Skip();
                continue;
            }

            // Packed into one piece, or one by one as old clients write it.
            if (fields.Type is WireType.Varint) Add(fields.ReadVarint(), room, ref count);
            else
            {
                var packed = new ProtoReader(fields.ReadBytes());
                while (!packed.IsAtEnd && count <= room.Length) Add(packed.ReadVarint(), room, ref count);
            }
        }

        return count;
    }

    /// <summary>Its typed contents in the raw form.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="datatype">Its datatype.</param>
    /// <param name="scratch">An empty buffer.</param>
    /// <exception cref="RequestRejectedException">They do not fit the datatype.</exception>
    public ReadOnlySpan<byte> ReadContents(string name, TensorDatatype datatype, AnswerBuffer scratch)
    {
        if (TypedContents.TryToRaw(name, datatype, Contents, scratch, out var raw)) return raw;
        scratch.Clear();
        var ordered = Read(PutInOrder(_message)).Contents;
        return TypedContents.TryToRaw(name, datatype, ordered, scratch, out raw) ? raw : throw ProtoReader.Malformed();
    }

    // Rare forms that protobuf allows: lists in several pieces, messages to be merged. Its own code writes them plainly.
    private static byte[] PutInOrder(ReadOnlySpan<byte> message)
    {
        try
        {
            return ModelInferRequest.Types.InferInputTensor.Parser.WithDiscardUnknownFields(true).ParseFrom(message)
                .ToByteArray();
        }
        catch (InvalidProtocolBufferException)
        {
            throw ProtoReader.Malformed();
        }
    }

    private static void Add(ulong length, Span<long> room, ref int count)
    {
        if (count < room.Length) room[count] = (long)length;
        count++;
    }
}
