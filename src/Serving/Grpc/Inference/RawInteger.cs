using System.Buffers.Binary;
using Gyre.Serving.Grpc.Wire;
using Gyre.Serving.Requests;

namespace Gyre.Serving.Grpc.Inference;

/// <summary>
/// Whole numbers and truth values between protobuf's numbers of variable length, signed ones extended to 64 bits, and
/// the raw form of 1 to 8 little-endian bytes.
/// </summary>
internal static class RawInteger
{
    /// <summary>Writes a number as a raw element; false when it is beyond the range of the datatype.</summary>
    public static bool TryWrite(TensorDatatype datatype, ulong varint, AnswerBuffer raw)
    {
        // As the generated parser has it: what is no 64-bit list is cut to 32 bits first; any number but 0 is true.
        var isSigned = IsSigned(datatype);
        ulong value = datatype.Kind is TensorKind.Bool ? varint != 0 ? 1UL : 0UL
            : datatype.Size == sizeof(ulong) ? varint
            : isSigned ? (ulong)(long)(int)varint : (uint)varint;
        var fits = datatype.Size == sizeof(ulong) || datatype.Kind is TensorKind.Bool
            || ((long)value >= datatype.Least && (long)value <= datatype.Greatest);
        if (!fits) return false;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        bytes[..datatype.Size].CopyTo(raw.GetSpan(datatype.Size));
        raw.Advance(datatype.Size);
        return true;
    }

    /// <summary>Reads the first raw element as a number of variable length.</summary>
    public static ulong Read(TensorDatatype datatype, ReadOnlySpan<byte> raw)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        var isNegative = IsSigned(datatype) && raw[datatype.Size - 1] >= 0x80;
        bytes.Fill(isNegative ? byte.MaxValue : byte.MinValue);
        raw[..datatype.Size].CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private static bool IsSigned(TensorDatatype datatype) => datatype.Least < 0;
}
