namespace Gyre.Numerics;

/// <summary>Solves symmetric positive definite systems by the Cholesky factorisation.</summary>
public static class Cholesky
{
    /// <summary>Solves A x = b in place.</summary>
    /// <param name="matrix">A, row-major, size × size; only the lower triangle is read, and overwritten by the
    /// factor.</param>
    /// <param name="vector">b on entry, x on return.</param>
    /// <returns>False when A is not positive definite in float64; the arrays are then spoiled.</returns>
    /// <exception cref="ArgumentException">The matrix is not size × size.</exception>
    public static bool TrySolve(Span<double> matrix, Span<double> vector)
    {
        var size = vector.Length;
        if (matrix.Length != size * size)
            throw new ArgumentException($"{matrix.Length} numbers are not a {size} × {size} matrix.", nameof(matrix));
        for (var i = 0; i < size; i++)
        {
            var row = matrix.Slice(i * size, size);
            for (var j = 0; j <= i; j++)
            {
                var other = matrix.Slice(j * size, size);
                var sum = row[j] - VectorMath.Dot(row[..j], other[..j]);
                if (j < i)
                {
                    row[j] = sum / other[j];
                    continue;
                }

                if (!(sum > 0)) return false;
                row[j] = Math.Sqrt(sum);
            }
        }

        for (var i = 0; i < size; i++)
        {
            var row = matrix.Slice(i * size, size);
            vector[i] = (vector[i] - VectorMath.Dot(row[..i], vector[..i])) / row[i];
        }

        for (var i = size - 1; i >= 0; i--)
        {
            var sum = vector[i];
            for (var k = i + 1; k < size; k++) sum -= matrix[(k * size) + i] * vector[k];
            vector[i] = sum / matrix[(i * size) + i];
        }

        return true;
    }
}
