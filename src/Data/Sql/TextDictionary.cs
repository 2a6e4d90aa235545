using System.Text;
using Gyre.DuckDb;

namespace Gyre.Data.Sql;

/// <summary>
/// Numbers distinct strings in order of appearance. Strings of up to 12 bytes are told apart by the 16 bytes that the
/// engine holds them in, without touching text; longer ones by hash and then by their bytes.
/// </summary>
internal sealed class TextDictionary
{
    private const int FirstSlotBits = 8;
    private const ulong LongMark = 1UL << 63;

    private readonly List<string> _texts = [];
    private readonly List<byte[]?> _longBytes = [];
    private Slot[] _slots = new Slot[1 << FirstSlotBits];
    private int _shift = 64 - FirstSlotBits;

    public int Count => _texts.Count;

    public string[] ToArray() => [.. _texts];

    /// <summary>Writes the code of each string.</summary>
    public void Encode(ReadOnlySpan<DuckDbString> texts, Span<int> codes)
    {
        var (slots, shift) = (_slots, _shift);
        for (var i = 0; i < codes.Length; i++)
        {
            ref readonly var text = ref texts[i];
            var (low, high) = (text.Low, text.High);
            // Nearly every string is inline and stands in the first place looked at; the empty string, which looks like
            // an empty place, has code 0 there until it is added.
            var slot = slots[(int)(Mix(low, high) >> shift) & (slots.Length - 1)];
            if (slot.Low == low && slot.High == high && slot.Code != 0)
            {
                codes[i] = slot.Code - 1;
                continue;
            }

            codes[i] = CodeOf(in text);
            (slots, shift) = (_slots, _shift);
        }
    }

    /// <summary>The code of one string.</summary>
    public int CodeOf(ref readonly DuckDbString text)
    {
        if (!text.IsInline) return CodeOfLong(DuckDbString.BytesOf(in text));
        for (var i = (int)(Mix(text.Low, text.High) >> _shift); ; i = (i + 1) & (_slots.Length - 1))
        {
            ref readonly var slot = ref _slots[i];
            if (slot.Code == 0) return Add(i, text.Low, text.High, DuckDbString.BytesOf(in text), keepBytes: false);
            if (slot.Low == text.Low && slot.High == text.High) return slot.Code - 1;
        }
    }

    // A long string's slot holds its length in the low half, as an inline one does, so the two kinds never meet; the mark
    // keeps the hash from being taken for the pointer that the engine has there.
    private int CodeOfLong(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        var (low, high) = ((ulong)(uint)bytes.Length, (uint)hash.ToHashCode() | LongMark);
        for (var i = (int)(Mix(low, high) >> _shift); ; i = (i + 1) & (_slots.Length - 1))
        {
            ref readonly var slot = ref _slots[i];
            if (slot.Code == 0) return Add(i, low, high, bytes, keepBytes: true);
            if (slot.Low == low && slot.High == high && bytes.SequenceEqual(_longBytes[slot.Code - 1]))
                return slot.Code - 1;
        }
    }

    private int Add(int position, ulong low, ulong high, ReadOnlySpan<byte> bytes, bool keepBytes)
    {
        _slots[position] = new Slot(low, high, _texts.Count + 1);
        _texts.Add(Encoding.UTF8.GetString(bytes));
        _longBytes.Add(keepBytes ? bytes.ToArray() : null);
        if (_texts.Count * 2 > _slots.Length) Grow();
        return _texts.Count - 1;
    }

    private void Grow()
    {
        var grown = new Slot[_slots.Length * 4];
        _shift -= 2;
        foreach (var slot in _slots)
        {
            if (slot.Code == 0) continue;
            var i = (int)(Mix(slot.Low, slot.High) >> _shift);
            while (grown[i].Code != 0) i = (i + 1) & (grown.Length - 1);
            grown[i] = slot;
        }

        _slots = grown;
    }

    // Two odd constants of SplitMix64. Only the highest bits of a product depend on every bit of its factors, so the
    // place is taken from there.
    private static ulong Mix(ulong low, ulong high) => (low ^ high * 0xBF58476D1CE4E5B9) * 0x94D049BB133111EB;

    /// <summary>A place of the table; <see cref="Code"/> is one more than the code, 0 marks an empty place.</summary>
    private readonly record struct Slot(ulong Low, ulong High, int Code);
}
