using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Gyre.Numerics;

/// <summary>
/// Finds the leaves of rows in trees without walking them (QuickScorer: Lucchese et al., SIGIR 2015). A tree has at most 64
/// leaves, numbered from left to right; what a feature says of a row leaves some of them reachable: a mask of 64 bits that was
/// made beforehand. The row's leaf is the lowest bit that all features leave. No step waits for the one before, no branch is
/// guessed, and masks of neighbouring trees stand side by side. Thread-safe.
/// </summary>
public static unsafe class LeafMasks
{
    /// <summary>Leaves a tree may have.</summary>
    public const int MostLeaves = 64;

    /// <summary>Trees whose masks stand side by side: eight registers' worth.</summary>
    public const int GroupTrees = 32;

    /// <summary>Rows whose sums are taken at a time: a row's additions wait for each other, four rows' overlap.</summary>
    private const int Lanes = 4;

    /// <summary>Adds the leaf values of one group of trees to the sums of rows.</summary>
    /// <param name="masks">Per bin of any feature, <see cref="GroupTrees"/> masks; the bin's number × that is where.</param>
    /// <param name="bins">Row-major, rows × features: where the masks begin of what each feature says.</param>
    /// <param name="features">The number of features.</param>
    /// <param name="values">Per tree <see cref="MostLeaves"/> values.</param>
    /// <param name="outputs">One per tree of the group, at most <see cref="GroupTrees"/>: the sum it adds to.</param>
    /// <param name="sums">Row-major, rows × <paramref name="stride"/>; each is added to in the order of the trees.</param>
    /// <param name="stride">Sums per row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <remarks>Numbers in bins are trusted, not checked, and so is that each mask sum has a bit left.</remarks>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Add(
        ReadOnlySpan<ulong> masks,
        ReadOnlySpan<int> bins,
        int features,
        ReadOnlySpan<float> values,
        ReadOnlySpan<int> outputs,
        Span<double> sums,
        int stride,
        int rows)
    {
        if (bins.Length < rows * features) throw new ArgumentException("Too few for the rows.", nameof(bins));
        if (sums.Length < rows * stride) throw new ArgumentException("Too few for the rows.", nameof(sums));
        if (outputs.Length > GroupTrees || values.Length < outputs.Length * MostLeaves)
            throw new ArgumentException("More trees than fit.", nameof(outputs));
        var left = stackalloc ulong[Lanes * GroupTrees];
        fixed (ulong* m = masks)
        fixed (int* b = bins)
        fixed (float* v = values)
        fixed (int* o = outputs)
        fixed (double* s = sums)
        {
            for (var row = 0; row < rows; row += Lanes)
            {
                var lanes = Math.Min(Lanes, rows - row);
                for (var lane = 0; lane < lanes; lane++)
                    Join(m, b + ((long)(row + lane) * features), features, left + (lane * GroupTrees));
                var sum = s + ((long)row * stride);
                if (stride == 1 && lanes == Lanes) AddFour(left, v, outputs.Length, sum);
                else AddAny(left, v, o, outputs.Length, sum, stride, lanes);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Join(ulong* masks, int* bins, int features, ulong* joined)
    {
        var a = Vector256<ulong>.AllBitsSet;
        Vector256<ulong> b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        for (var i = 0; i < features; i++)
        {
            var at = masks + bins[i];
            a &= Vector256.Load(at);
            b &= Vector256.Load(at + 4);
            c &= Vector256.Load(at + 8);
            d &= Vector256.Load(at + 12);
            e &= Vector256.Load(at + 16);
            f &= Vector256.Load(at + 20);
            g &= Vector256.Load(at + 24);
            h &= Vector256.Load(at + 28);
        }

        a.Store(joined);
        b.Store(joined + 4);
        c.Store(joined + 8);
        d.Store(joined + 12);
        e.Store(joined + 16);
        f.Store(joined + 20);
        g.Store(joined + 24);
        h.Store(joined + 28);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(ulong* left, float* values, int trees, double* sums)
    {
        double a = sums[0], b = sums[1], c = sums[2], d = sums[3];
        for (var tree = 0; tree < trees; tree++, left++, values += MostLeaves)
        {
            a += values[BitOperations.TrailingZeroCount(left[0])];
            b += values[BitOperations.TrailingZeroCount(left[GroupTrees])];
            c += values[BitOperations.TrailingZeroCount(left[2 * GroupTrees])];
            d += values[BitOperations.TrailingZeroCount(left[3 * GroupTrees])];
        }

        (sums[0], sums[1], sums[2], sums[3]) = (a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddAny(
        ulong* left, float* values, int* outputs, int trees, double* sums, int stride, int lanes)
    {
        for (var tree = 0; tree < trees; tree++, left++, values += MostLeaves)
        {
            var sum = sums + outputs[tree];
            for (var lane = 0; lane < lanes; lane++)
                sum[lane * stride] += values[BitOperations.TrailingZeroCount(left[lane * GroupTrees])];
        }
    }
}
