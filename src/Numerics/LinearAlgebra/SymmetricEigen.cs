namespace Gyre.Numerics;

/// <summary>
/// Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, "Matrix
/// Computations", section 8.5): slow beyond a few hundred rows, accurate to the last digits, the same every time.
/// </summary>
public static class SymmetricEigen
{
    private const int MaxSweeps = 60;

    /// <summary>Decomposes a matrix.</summary>
    /// <param name="matrix">Row-major, size × size; both triangles are read as one. Overwritten.</param>
    /// <param name="size">The number of rows.</param>
    /// <param name="cancellationToken">Stops between sweeps.</param>
    /// <returns>
    /// The values, largest first, and the vectors row-major, row i of unit length belonging to value i; the component of
    /// largest size in each is positive.
    /// </returns>
    public static (double[] Values, double[] Vectors) Decompose(
        double[] matrix, int size, CancellationToken cancellationToken = default)
    {
        if (matrix.Length != size * size)
            throw new ArgumentException($"{matrix.Length} numbers do not make {size} rows of {size}.", nameof(matrix));
        var vectors = new double[size * size];
        for (var i = 0; i < size; i++) vectors[(i * size) + i] = 1;
        var scale = Array.ConvertAll(matrix, Math.Abs).DefaultIfEmpty(0).Max();
        for (var sweep = 0; sweep < MaxSweeps && OffDiagonal(matrix, size) > 1e-15 * scale; sweep++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var p = 0; p < size; p++)
            {
                for (var q = p + 1; q < size; q++) Rotate(matrix, vectors, size, p, q);
            }
        }

        return Sort(matrix, vectors, size);
    }

    private static double OffDiagonal(double[] matrix, int size)
    {
        var largest = 0.0;
        for (var i = 0; i < size; i++)
        {
            for (var j = i + 1; j < size; j++) largest = Math.Max(largest, Math.Abs(matrix[(i * size) + j]));
        }

        return largest;
    }

    // Turns rows and columns p and q so that their common element vanishes; the vectors, as rows, turn along.
    private static void Rotate(double[] a, double[] vectors, int size, int p, int q)
    {
        var apq = a[(p * size) + q];
        if (apq == 0) return;
        var theta = (a[(q * size) + q] - a[(p * size) + p]) / (2 * apq);
        var t = Math.CopySign(1, theta) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        var c = 1 / Math.Sqrt((t * t) + 1);
        var s = t * c;
        for (var i = 0; i < size; i++)
        {
            var (ip, iq) = (a[(i * size) + p], a[(i * size) + q]);
            a[(i * size) + p] = (c * ip) - (s * iq);
            a[(i * size) + q] = (s * ip) + (c * iq);
        }

        TurnRows(a, size, p, q, c, s);
        TurnRows(vectors, size, p, q, c, s);
    }

    private static void TurnRows(double[] a, int size, int p, int q, double c, double s)
    {
        for (var i = 0; i < size; i++)
        {
            var (pi, qi) = (a[(p * size) + i], a[(q * size) + i]);
            a[(p * size) + i] = (c * pi) - (s * qi);
            a[(q * size) + i] = (s * pi) + (c * qi);
        }
    }

    private static (double[] Values, double[] Vectors) Sort(double[] matrix, double[] vectors, int size)
    {
        var order = Enumerable.Range(0, size).OrderByDescending(i => matrix[(i * size) + i]).ToArray();
        var sorted = new double[size * size];
        for (var rank = 0; rank < size; rank++)
        {
            var row = vectors.AsSpan(order[rank] * size, size);
            var largest = 0;
            for (var i = 1; i < size; i++)
            {
                if (Math.Abs(row[i]) > Math.Abs(row[largest]) + 1e-12) largest = i;
            }

            var sign = row[largest] < 0 ? -1 : 1;
            for (var i = 0; i < size; i++) sorted[(rank * size) + i] = sign * row[i];
        }

        return (Array.ConvertAll(order, i => matrix[(i * size) + i]), sorted);
    }
}
