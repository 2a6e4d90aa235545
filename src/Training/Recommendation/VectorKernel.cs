using System.Numerics;
using System.Runtime.InteropServices;
using Gyre.Numerics;

namespace Gyre.Training.Recommendation;

/// <summary>Sums over float64 vectors in hardware lanes; lane order is fixed on a machine.</summary>
internal static class VectorKernel
{
    /// <summary>
    /// result ← matrix × vector for a symmetric matrix, row-major. Columns are taken in strips of eight lanes whose
    /// sums stay in
    /// registers while rows pass: each number of the matrix is read once and nothing else is.
    /// </summary>
    public static void MultiplySymmetric(ReadOnlySpan<double> matrix, ReadOnlySpan<double> vector, Span<double> result)
    {
        var size = vector.Length;
        var strip = 8 * Vector<double>.Count;
        var column = 0;
        for (; column + strip <= size; column += strip)
            MultiplyStrip(matrix[column..], vector, result.Slice(column, strip));
        for (; column < size; column++) result[column] = VectorMath.Dot(matrix.Slice(column * size, size), vector);
    }

    /// <summary>target ← target + factor × source.</summary>
    public static void AddScaled(Span<double> target, double factor, ReadOnlySpan<double> source)
    {
        var lanes = MemoryMarshal.Cast<double, Vector<double>>(target);
        var others = MemoryMarshal.Cast<double, Vector<double>>(source);
        var scale = new Vector<double>(factor);
        for (var i = 0; i < lanes.Length; i++) lanes[i] += scale * others[i];
        for (var i = lanes.Length * Vector<double>.Count; i < target.Length; i++) target[i] += factor * source[i];
    }

    private static void MultiplyStrip(ReadOnlySpan<double> matrix, ReadOnlySpan<double> vector, Span<double> result)
    {
        var lanes = Vector<double>.Count;
        Vector<double> s0 = default, s1 = default, s2 = default, s3 = default;
        Vector<double> s4 = default, s5 = default, s6 = default, s7 = default;
        for (var row = 0; row < vector.Length; row++)
        {
            var scale = new Vector<double>(vector[row]);
            var values = MemoryMarshal.Cast<double, Vector<double>>(matrix.Slice(row * vector.Length, 8 * lanes));
            s0 = Vector.FusedMultiplyAdd(scale, values[0], s0);
            s1 = Vector.FusedMultiplyAdd(scale, values[1], s1);
            s2 = Vector.FusedMultiplyAdd(scale, values[2], s2);
            s3 = Vector.FusedMultiplyAdd(scale, values[3], s3);
            s4 = Vector.FusedMultiplyAdd(scale, values[4], s4);
            s5 = Vector.FusedMultiplyAdd(scale, values[5], s5);
            s6 = Vector.FusedMultiplyAdd(scale, values[6], s6);
            s7 = Vector.FusedMultiplyAdd(scale, values[7], s7);
        }

        var sums = MemoryMarshal.Cast<double, Vector<double>>(result);
        (sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7]) = (s0, s1, s2, s3, s4, s5, s6, s7);
    }
}
