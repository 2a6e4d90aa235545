using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>
/// The first short texts that came for a column: most requests repeat the same few, and need neither the text nor the
/// column of one row made again. Holds at most <see cref="Places"/>, each of at most <see cref="MostBytes"/> bytes. Not
/// thread-safe.
/// </summary>
internal sealed class KnownTexts(ColumnDefinition definition)
{
    private const int Places = 64;
    private const int MostBytes = 40;

    // Every column of one row has its only category at 0.
    private static readonly int[] First = [0];

    private Known?[] _known = [];
    private Known? _last;

    /// <summary>The text of these bytes, if it is known.</summary>
    public string? Find(ReadOnlySpan<byte> utf8)
    {
        if (_known.Length == 0 || utf8.Length > MostBytes) return null;
        if (_known[PlaceOf(utf8)] is not { } known || !utf8.SequenceEqual(known.Utf8)) return null;
        _last = known;
        return known.Text;
    }

    /// <summary>Keeps a text where its place is free.</summary>
    /// <returns>The text.</returns>
    public string Remember(string text)
    {
        if (text.Length > MostBytes || Encoding.UTF8.GetByteCount(text) > MostBytes) return text;
        if (_known.Length == 0) _known = new Known?[Places];
        var utf8 = Encoding.UTF8.GetBytes(text);
        ref var place = ref _known[PlaceOf(utf8)];
        if (place is null) _last = place = new Known(utf8, text, Create(text));
        return text;
    }

    /// <summary>A column whose only row is a text.</summary>
    public CategoricalColumn ColumnOf(string text) =>
        ReferenceEquals(_last?.Text, text) ? _last.Column : Create(text);

    private CategoricalColumn Create(string text) => new(definition.Name, definition.Type, First, [text]);

    // Texts of a column differ mostly at their ends or in length; what collides is only not remembered.
    private static int PlaceOf(ReadOnlySpan<byte> utf8)
    {
        Span<byte> ends = stackalloc byte[16];
        ends.Clear();
        utf8[..Math.Min(8, utf8.Length)].CopyTo(ends);
        utf8[Math.Max(0, utf8.Length - 8)..].CopyTo(ends[8..]);
        var hash = BinaryPrimitives.ReadUInt64LittleEndian(ends)
            ^ BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(ends[8..]), 29) ^ (ulong)utf8.Length;
        return (int)((hash * 0x9E3779B97F4A7C15) >> 58);
    }

    private sealed record Known(byte[] Utf8, string Text, CategoricalColumn Column);
}
