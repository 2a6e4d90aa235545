using System.Buffers.Binary;

namespace Gyre.Serving.Requests;

/// <summary>
/// A tensor whose elements are bytes as the protocol's raw forms have them (gRPC's <c>raw_input_contents</c>, REST's
/// binary extension): little-endian, row-major, without padding; an element of BYTES is a 4-byte length and its bytes.
/// Its parts have been held against each other: the bytes are exactly the elements that shape and datatype announce.
/// </summary>
internal readonly ref struct RawTensor
{
    private const int LengthPrefix = sizeof(int);

    private RawTensor(
        string name, TensorDatatype datatype, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes, int count)
    {
        (Name, Datatype, Count) = (name, datatype, count);
        Shape = shape;
        Bytes = bytes;
    }

    /// <summary>The input's name.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public TensorDatatype Datatype { get; }

    /// <summary>Its lengths, at least one, none of them negative.</summary>
    public ReadOnlySpan<long> Shape { get; }

    /// <summary>The elements; for BYTES with their lengths.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>How many elements there are, at least 1.</summary>
    public int Count { get; }

    /// <summary>Checks a tensor. Nothing is allocated by what the client announced.</summary>
    /// <exception cref="RequestRejectedException">
    /// The datatype is unknown, the shape has no or a negative length or no elements, or the bytes are not its
    /// elements.
    /// </exception>
    public static RawTensor Open(string name, string datatype, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes) =>
        Open(name, TensorDatatype.FindRaw(datatype) ?? throw TensorDatatype.Unknown(name, datatype), shape, bytes);

    /// <summary>Checks a tensor of a known datatype. Nothing is allocated by what the client announced.</summary>
    /// <exception cref="RequestRejectedException">
    /// The shape has a negative length or no elements, or the bytes are not its elements.
    /// </exception>
    public static RawTensor Open(string name, TensorDatatype type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes)
    {
        var announced = TensorShape.ElementsOf(name, shape);
        var held = type.Size > 0 ? bytes.Length / type.Size : CountStrings(name, bytes, announced);
        if (held != announced || (type.Size > 0 && bytes.Length % type.Size != 0))
        {
            throw RequestRejectedException.In(RejectionReason.BadShape, name,
                $"the shape {TensorShape.Describe(shape)} says {announced} elements of {type.Name}, "
                + $"the contents are {bytes.Length} bytes");
        }

        return new RawTensor(name, type, shape, bytes, held);
    }

    /// <summary>Takes the first element off bytes that have been checked.</summary>
    public static ReadOnlySpan<byte> TakeString(ref ReadOnlySpan<byte> rest)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        var element = rest.Slice(LengthPrefix, length);
        rest = rest[(LengthPrefix + length)..];
        return element;
    }

    // Stops at the announced number, so that the time is bounded by it as well as by the bytes.
    private static int CountStrings(string name, ReadOnlySpan<byte> bytes, long announced)
    {
        var count = 0;
        for (; !bytes.IsEmpty && count <= announced; count++)
        {
            var length = bytes.Length < LengthPrefix ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            if (length > bytes.Length - LengthPrefix)
            {
                throw RequestRejectedException.In(RejectionReason.BadShape, name,
                    $"element {count} of BYTES does not fit in the contents: each is a 4-byte length and that many bytes");
            }

            bytes = bytes[(LengthPrefix + (int)length)..];
        }

        return count;
    }
}
