using System.Numerics;

namespace Gyre.Numerics;

/// <summary>
/// A seeded pseudo-random generator: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number
/// generators", 2021), its state filled by SplitMix64. The same seed gives the same numbers on every machine and in
/// every version. Not for secrets. Not thread-safe: give each thread its own by <see cref="Split"/>.
/// </summary>
public sealed class SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;
    private double _spareNormal = double.NaN;

    /// <summary>Creates a generator; every seed, 0 included, is good.</summary>
    public SeededRandom(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>For the generator's published test vector.</summary>
    internal SeededRandom(ulong s0, ulong s1, ulong s2, ulong s3) => (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>
    /// A generator whose numbers are independent of this one's for practical purposes: seeded from this one's next
    /// 64 bits. The order of calls matters, nothing else does.
    /// </summary>
    public SeededRandom Split() => new(NextUInt64());

    /// <summary>A generator for a numbered purpose under a seed, so that purposes do not share a stream.</summary>
    /// <param name="seed">The seed of the whole.</param>
    /// <param name="stream">The purpose's number.</param>
    public static SeededRandom ForStream(ulong seed, ulong stream)
    {
        var mixed = SplitMix(ref seed);
        stream ^= mixed;
        return new SeededRandom(SplitMix(ref stream));
    }

    /// <summary>A uniform number in [0, 1), a multiple of 2⁻⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform whole number in [0, <paramref name="limit"/>), without bias (Lemire 2019).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is below 1.</exception>
    public int NextInt(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var range = (ulong)limit;
        var high = Math.BigMul(NextUInt64(), range, out var low);
        if (low >= range) return (int)high;
        var threshold = (0 - range) % range;
        while (low < threshold) high = Math.BigMul(NextUInt64(), range, out low);
        return (int)high;
    }

    /// <summary>A standard normal number (Marsaglia's polar method).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            var spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }

        double u, v, s;
        do
        {
            u = (2 * NextDouble()) - 1;
            v = (2 * NextDouble()) - 1;
            s = (u * u) + (v * v);
        }
        while (s is >= 1 or 0);
        var scale = Math.Sqrt(-2 * Math.Log(s) / s);
        _spareNormal = v * scale;
        return u * scale;
    }

    /// <summary>Puts the items in random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>The numbers 0 to <paramref name="count"/> − 1 in random order.</summary>
    public int[] Permutation(int count)
    {
        var items = new int[count];
        for (var i = 0; i < count; i++) items[i] = i;
        Shuffle(items.AsSpan());
        return items;
    }

    /// <summary>Distinct positions in [0, <paramref name="count"/>), ascending (selection sampling, Knuth 3.4.2
    /// S).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative or above
    /// <paramref name="count"/>.</exception>
    public int[] Sample(int count, int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, count);
        var chosen = new int[size];
        for (int i = 0, taken = 0; taken < size; i++)
        {
            if (NextDouble() * (count - i) < size - taken) chosen[taken++] = i;
        }

        return chosen;
    }

    internal static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
