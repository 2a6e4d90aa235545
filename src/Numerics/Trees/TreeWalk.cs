using System.Runtime.CompilerServices;

namespace Gyre.Numerics;

/// <summary>
/// Walks rows down a decision tree, eight at a time: one row's steps wait for memory and for each other, eight rows' steps
/// overlap. Values are compared as keys, unsigned numbers in the order of the floats. Eight rows' keys of one feature stand
/// side by side (a group), in two slots a feature: in the first a missing value is above all numbers, in the second below
/// all; a node looks at the one that sends missing values its way. Thread-safe.
/// </summary>
public static unsafe class TreeWalk
{
    /// <summary>The rows of a group.</summary>
    public const int GroupRows = 8;

    /// <summary>Numbers a feature takes in a group.</summary>
    public const int SlotsPerFeature = 2 * GroupRows;

    /// <summary>
    /// Writes a number's keys: they compare as the numbers do, −0 equals 0, and NaN is the largest in the first slot and the
    /// smallest in the second.
    /// </summary>
    /// <param name="value">The number.</param>
    /// <param name="slots">The feature's two slots of a group, from the row's place on.</param>
    public static void WriteKeys(float value, Span<uint> slots)
    {
        var key = KeyOf(value);
        slots[GroupRows] = key + 1; // wraps around to 0 for a missing value
        slots[0] = key;
    }

    /// <summary>The key of a number in the first slot; in the second it is one more.</summary>
    public static uint KeyOf(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value + 0f);
        var key = bits ^ ((uint)((int)bits >> 31) | 0x8000_0000);
        return float.IsNaN(value) ? uint.MaxValue : key;
    }

    /// <summary>Finds the leaf of each row and adds its value to the row's sum.</summary>
    /// <param name="nodes">The nodes of all trees.</param>
    /// <param name="tables">The tables of all nodes; the first 256 bytes are 0.</param>
    /// <param name="values">One per node; those of leaves are added.</param>
    /// <param name="root">The position of the tree's root.</param>
    /// <param name="usesTables">Whether a node of the tree has a table.</param>
    /// <param name="keys">Group after group, two slots a feature, eight rows a slot. The last group is whole.</param>
    /// <param name="features">The number of features.</param>
    /// <param name="sums">One per row, <paramref name="stride"/> apart.</param>
    /// <param name="stride">Numbers from one row's sum to the next one's.</param>
    /// <param name="rows">The number of rows.</param>
    /// <remarks>Positions in nodes and tables are trusted, not checked.</remarks>
    /// <exception cref="ArgumentException">Keys or sums are too few for the rows.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(
        ReadOnlySpan<TreeNode> nodes,
        ReadOnlySpan<byte> tables,
        ReadOnlySpan<float> values,
        int root,
        bool usesTables,
        ReadOnlySpan<uint> keys,
        int features,
        Span<double> sums,
        int stride,
        int rows)
    {
        var groups = (rows + GroupRows - 1) / GroupRows;
        if (keys.Length < groups * features * SlotsPerFeature)
            throw new ArgumentException("Too few for the rows.", nameof(keys));
        if (rows > 0 && sums.Length <= (long)(rows - 1) * stride)
            throw new ArgumentException("Too few for the rows.", nameof(sums));
        fixed (TreeNode* n = nodes)
        fixed (byte* t = tables)
        fixed (uint* k = keys)
        fixed (float* v = values)
        fixed (double* s = sums)
        {
            var at = stackalloc nint[GroupRows];
            var sum = s;
            for (var group = 0; group < groups; group++)
            {
                var slots = (byte*)(k + ((long)group * features * SlotsPerFeature));
                if (usesTables) WalkTables((byte*)n, t, (nint)root << TreeNode.SizeBits, slots, at);
                else Walk((byte*)n, (nint)root << TreeNode.SizeBits, slots, at);
                var count = Math.Min(GroupRows, rows - (group * GroupRows));
                for (var i = 0; i < count; i++, sum += stride) *sum += v[at[i] >> TreeNode.SizeBits];
            }
        }
    }

    // The eight positions are locals, not an array: they stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Walk(byte* nodes, nint root, byte* keys, nint* at)
    {
        nint a = root, b = root, c = root, d = root, e = root, f = root, g = root, h = root;
        while (true)
        {
            var (last, moved) = (a, (nint)0);
            a = Step(nodes, a, keys);
            (moved, last) = (last ^ a, b);
            b = Step(nodes, b, keys + 4);
            (moved, last) = (moved | (last ^ b), c);
            c = Step(nodes, c, keys + 8);
            (moved, last) = (moved | (last ^ c), d);
            d = Step(nodes, d, keys + 12);
            (moved, last) = (moved | (last ^ d), e);
            e = Step(nodes, e, keys + 16);
            (moved, last) = (moved | (last ^ e), f);
            f = Step(nodes, f, keys + 20);
            (moved, last) = (moved | (last ^ f), g);
            g = Step(nodes, g, keys + 24);
            (moved, last) = (moved | (last ^ g), h);
            h = Step(nodes, h, keys + 28);
            if ((moved | (last ^ h)) == 0) break;
        }

        (at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]) = (a, b, c, d, e, f, g, h);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WalkTables(byte* nodes, byte* tables, nint root, byte* keys, nint* at)
    {
        nint a = root, b = root, c = root, d = root, e = root, f = root, g = root, h = root;
        while (true)
        {
            var (last, moved) = (a, (nint)0);
            a = Step(nodes, tables, a, keys);
            (moved, last) = (last ^ a, b);
            b = Step(nodes, tables, b, keys + 4);
            (moved, last) = (moved | (last ^ b), c);
            c = Step(nodes, tables, c, keys + 8);
            (moved, last) = (moved | (last ^ c), d);
            d = Step(nodes, tables, d, keys + 12);
            (moved, last) = (moved | (last ^ d), e);
            e = Step(nodes, tables, e, keys + 16);
            (moved, last) = (moved | (last ^ e), f);
            f = Step(nodes, tables, f, keys + 20);
            (moved, last) = (moved | (last ^ f), g);
            g = Step(nodes, tables, g, keys + 24);
            (moved, last) = (moved | (last ^ g), h);
            h = Step(nodes, tables, h, keys + 28);
            if ((moved | (last ^ h)) == 0) break;
        }

        (at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]) = (a, b, c, d, e, f, g, h);
    }

    // Shifted, not chosen: "? size : 0" would become a branch.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Step(byte* nodes, nint at, byte* keys)
    {
        var node = (TreeNode*)(nodes + at);
        var right = *(uint*)(keys + node->Keys) > node->Threshold ? 1 : 0;
        return node->Left + (right << TreeNode.SizeBits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Step(byte* nodes, byte* tables, nint at, byte* keys)
    {
        var node = (TreeNode*)(nodes + at);
        var key = keys + node->Keys;
        var right = *(uint*)key > node->Threshold ? 1 : 0;
        right |= tables[node->Table + *key]; // little-endian: a code's lowest byte comes first
        return node->Left + (right << TreeNode.SizeBits);
    }
}
