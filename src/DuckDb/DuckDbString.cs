using System.Runtime.InteropServices;
using System.Text;

namespace Gyre.DuckDb;

/// <summary>
/// A string as the engine holds it: 16 bytes, of which the first four are the length in bytes. Up to 12 bytes lie in
/// the struct itself, padded with zeros, so that two short strings are equal exactly when their 16 bytes are; longer
/// ones are pointed at. Read it where it lies (a span element); a pointer dies with its chunk.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly unsafe struct DuckDbString
{
    /// <summary>The most bytes that lie inside the struct.</summary>
    public const int InlineLength = 12;

    private readonly ulong _low;
    private readonly ulong _high;

    /// <summary>The first 8 bytes: the length and the first 4 bytes of the text.</summary>
    public ulong Low => _low;

    /// <summary>The last 8 bytes: text when inline, else the pointer.</summary>
    public ulong High => _high;

    /// <summary>The length in bytes.</summary>
    public int Length => (int)(uint)_low;

    /// <summary>Whether the text lies inside the struct.</summary>
    public bool IsInline => Length <= InlineLength;

    /// <summary>The UTF-8 bytes of <paramref name="value"/>.</summary>
    public static ReadOnlySpan<byte> BytesOf(ref readonly DuckDbString value) => value.IsInline
        ? MemoryMarshal.AsBytes(new ReadOnlySpan<DuckDbString>(in value)).Slice(4, value.Length)
        : new ReadOnlySpan<byte>((void*)value._high, value.Length);

    /// <summary>The text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(BytesOf(in this));
}
