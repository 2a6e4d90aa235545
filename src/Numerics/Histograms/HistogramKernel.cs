using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gyre.Numerics;

/// <summary>
/// Sums gradient pairs by bin: the hot loop of histogram gradient boosting. Bins are row-major bytes (rows ×
/// features); gradients are float32 pairs (g, h) per row; sums are float64 pairs per bin, because a histogram is later
/// subtracted from its parent's and float32 would lose the small child's digits. Additive: sums are not cleared.
/// Thread-safe on disjoint sums.
/// </summary>
public static unsafe class HistogramKernel
{
    // How many rows ahead of use memory is asked for; the gain is flat from 8 to 32.
    private const int Ahead = 16;

    /// <summary>Adds chosen rows.</summary>
    /// <param name="bins">Row-major, rows × <paramref name="features"/>.</param>
    /// <param name="features">The number of features.</param>
    /// <param name="offsets">Per feature of the slice, where its bins begin in <paramref name="sums"/>, counted in
    /// pairs.</param>
    /// <param name="firstFeature">The first feature of the slice; its length is that of
    /// <paramref name="offsets"/>.</param>
    /// <param name="rows">The rows; each below rows.</param>
    /// <param name="gradients">Pairs, one per row of the whole.</param>
    /// <param name="sums">Pairs, one per bin.</param>
    /// <remarks>Indices are trusted, not checked: bins come from <see cref="byte"/> codes below each feature's bin
    /// count.</remarks>
    public static void Add(
        ReadOnlySpan<byte> bins,
        int features,
        ReadOnlySpan<int> offsets,
        int firstFeature,
        ReadOnlySpan<int> rows,
        ReadOnlySpan<float> gradients,
        Span<double> sums)
    {
        fixed (byte* b = bins)
        fixed (int* o = offsets, r = rows)
        fixed (float* g = gradients)
        fixed (double* s = sums)
        {
            var i = 0;
            for (var end = rows.Length - Ahead; i < end; i++)
            {
                if (Sse.IsSupported)
                {
                    var next = r[i + Ahead];
                    Sse.Prefetch0(g + (2L * next));
                    Sse.Prefetch0(b + ((long)next * features) + firstFeature);
                }

                AddRow(b + ((long)r[i] * features) + firstFeature, o, offsets.Length, Pair(g + (2L * r[i])), s);
            }

            for (; i < rows.Length; i++)
                AddRow(b + ((long)r[i] * features) + firstFeature, o, offsets.Length, Pair(g + (2L * r[i])), s);
        }
    }

    /// <summary>Adds the rows from <paramref name="firstRow"/> on; otherwise as <see cref="Add"/>.</summary>
    public static void AddRange(
        ReadOnlySpan<byte> bins,
        int features,
        ReadOnlySpan<int> offsets,
        int firstFeature,
        int firstRow,
        int rowCount,
        ReadOnlySpan<float> gradients,
        Span<double> sums)
    {
        fixed (byte* b = bins)
        fixed (int* o = offsets)
        fixed (float* g = gradients)
        fixed (double* s = sums)
        {
            var row = b + ((long)firstRow * features) + firstFeature;
            for (var i = firstRow; i < firstRow + rowCount; i++, row += features)
                AddRow(row, o, offsets.Length, Pair(g + (2L * i)), s);
        }
    }

    /// <summary>The plain form: the oracle of the tests.</summary>
    internal static void AddScalar(
        ReadOnlySpan<byte> bins,
        int features,
        ReadOnlySpan<int> offsets,
        int firstFeature,
        ReadOnlySpan<int> rows,
        ReadOnlySpan<float> gradients,
        Span<double> sums)
    {
        foreach (var row in rows)
        {
            for (var f = 0; f < offsets.Length; f++)
            {
                var slot = offsets[f] + bins[(row * features) + firstFeature + f];
                sums[2 * slot] += gradients[2 * row];
                sums[(2 * slot) + 1] += gradients[(2 * row) + 1];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Pair(float* pair) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(double*)pair).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(byte* row, int* offsets, int count, Vector128<double> pair, double* sums)
    {
        var f = 0;
        for (; f + 2 <= count; f += 2)
        {
            var first = sums + (2L * (offsets[f] + row[f]));
            var second = sums + (2L * (offsets[f + 1] + row[f + 1]));
            (Vector128.Load(first) + pair).Store(first);
            (Vector128.Load(second) + pair).Store(second);
        }

        if (f < count)
        {
            var last = sums + (2L * (offsets[f] + row[f]));
            (Vector128.Load(last) + pair).Store(last);
        }
    }
}
