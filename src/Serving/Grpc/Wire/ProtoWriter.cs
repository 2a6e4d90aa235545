using System.Buffers;
using System.Text;

namespace Gyre.Serving.Grpc.Wire;

/// <summary>
/// Writes the fields of a protobuf message. Lengths of what is nested are put before it when it is complete.
/// </summary>
internal readonly ref struct ProtoWriter(AnswerBuffer buffer)
{
    private const int LongestVarint = 10;

    /// <summary>Where the values of <see cref="Begin"/> go.</summary>
    public AnswerBuffer Buffer => buffer;

    /// <summary>Writes a string.</summary>
    public void Write(int field, string value)
    {
        WriteTag(field, WireType.Bytes);
        var length = Encoding.UTF8.GetByteCount(value);
        WriteVarint((ulong)length);
        Encoding.UTF8.GetBytes(value, buffer.GetSpan(length));
        buffer.Advance(length);
    }

    /// <summary>Writes bytes.</summary>
    public void Write(int field, ReadOnlySpan<byte> value)
    {
        WriteTag(field, WireType.Bytes);
        WriteVarint((ulong)value.Length);
        buffer.Write(value);
    }

    /// <summary>Opens a message, bytes or packed values as the field; what follows is in it, up to <see cref="End"/>.</summary>
    /// <returns>What <see cref="End"/> wants.</returns>
    public int Begin(int field)
    {
        WriteTag(field, WireType.Bytes);
        buffer.GetSpan(1);
        buffer.Advance(1);
        return buffer.Written.Length;
    }

    /// <summary>Closes what was opened.</summary>
    public void End(int start)
    {
        var length = (ulong)(buffer.Written.Length - start);
        Span<byte> varint = stackalloc byte[LongestVarint];
        var size = Encode(length, varint);
        // One byte was kept for the length; only what is longer than 127 bytes has to make room.
        if (size > 1) buffer.Insert(start, size - 1);
        varint[..size].CopyTo(buffer.Written[(start - 1)..]);
    }

    /// <summary>Writes a number as it stands among packed values.</summary>
    public void WriteVarint(ulong value) => buffer.Advance(Encode(value, buffer.GetSpan(LongestVarint)));

    private void WriteTag(int field, WireType type) => WriteVarint(((ulong)field << 3) | (ulong)type);

    private static int Encode(ulong value, Span<byte> target)
    {
        var count = 0;
        for (; value >= 0x80; value >>= 7) target[count++] = (byte)(value | 0x80);
        target[count++] = (byte)value;
        return count;
    }
}
