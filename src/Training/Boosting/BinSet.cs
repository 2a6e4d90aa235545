using System.Runtime.CompilerServices;

namespace Gyre.Training.Boosting;

/// <summary>A set of bins, 0 to 255.</summary>
[InlineArray(4)]
internal struct BinSet
{
    private ulong _word;

    public readonly bool Contains(byte bin) => (this[bin >> 6] >> (bin & 63) & 1) != 0;

    public void Add(int bin) => this[bin >> 6] |= 1UL << (bin & 63);

    /// <summary>256 numbers, 1 for the bins of the set.</summary>
    public readonly void Fill(Span<byte> table)
    {
        for (var bin = 0; bin < 256; bin++) table[bin] = Contains((byte)bin) ? (byte)1 : (byte)0;
    }
}
