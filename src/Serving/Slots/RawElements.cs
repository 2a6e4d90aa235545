using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Gyre.Serving.Slots;

/// <summary>
/// Writes elements of tensors in the raw forms. Numbers go out in the machine's order of bytes: the native engines
/// exist for little-endian machines only.
/// </summary>
internal static class RawElements
{
    /// <summary>Writes numbers or truth values, one after another.</summary>
    public static void Write<T>(IBufferWriter<byte> raw, ReadOnlySpan<T> values) where T : unmanaged =>
        raw.Write(MemoryMarshal.AsBytes(values));

    /// <summary>Writes an element of BYTES: its length in 4 bytes, and its bytes.</summary>
    public static void WriteBytes(IBufferWriter<byte> raw, ReadOnlySpan<byte> value)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, value.Length);
        raw.Write(length);
        raw.Write(value);
    }

    /// <summary>Writes an element of BYTES: the length of its UTF-8 in 4 bytes, and the UTF-8.</summary>
    public static void Write(IBufferWriter<byte> raw, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        var span = raw.GetSpan(sizeof(int) + length);
        BinaryPrimitives.WriteInt32LittleEndian(span, length);
        Encoding.UTF8.GetBytes(value, span[sizeof(int)..]);
        raw.Advance(sizeof(int) + length);
    }
}
