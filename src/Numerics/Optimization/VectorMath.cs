using System.Numerics;
using System.Runtime.InteropServices;

namespace Gyre.Numerics;

/// <summary>Sums over float64 vectors, in hardware lanes. Lane order is fixed on a machine, so results repeat
/// there.</summary>
public static class VectorMath
{
    /// <summary>Σ aᵢ bᵢ.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        if (a.Length != b.Length)
            throw new ArgumentException($"The lengths {a.Length} and {b.Length} differ.", nameof(b));
        var lanesA = MemoryMarshal.Cast<double, Vector<double>>(a);
        var lanesB = MemoryMarshal.Cast<double, Vector<double>>(b);
        var sums = Vector<double>.Zero;
        for (var i = 0; i < lanesA.Length; i++) sums += lanesA[i] * lanesB[i];
        var sum = Vector.Sum(sums);
        for (var i = lanesA.Length * Vector<double>.Count; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>target ← target + factor × source.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddScaled(Span<double> target, double factor, ReadOnlySpan<double> source)
    {
        if (target.Length != source.Length)
            throw new ArgumentException($"The lengths {target.Length} and {source.Length} differ.", nameof(source));
        var lanesTarget = MemoryMarshal.Cast<double, Vector<double>>(target);
        var lanesSource = MemoryMarshal.Cast<double, Vector<double>>(source);
        for (var i = 0; i < lanesTarget.Length; i++) lanesTarget[i] += factor * lanesSource[i];
        for (var i = lanesTarget.Length * Vector<double>.Count; i < target.Length; i++)
            target[i] += factor * source[i];
    }
}
