using Gyre.Numerics;

namespace Gyre.Training;

/// <summary>
/// Ridge regression by the normal equations: minimises ½ Σ (y − b − x·w)² + ½ λ ‖w‖², the intercept b free. The
/// matrix is built from the few inputs of each row that are not 0.
/// </summary>
internal static class RidgeSolver
{
    /// <summary>The widest problem solved so: the matrix takes 8 × width² bytes.</summary>
    public const int MaxWidth = 2000;

    /// <summary>The weights, the intercept last.</summary>
    public static double[] Solve(DesignMatrix design, ReadOnlySpan<double> target, double l2, CancellationToken token)
    {
        var size = design.Width + 1;
        var matrix = new double[size * size];
        var right = new double[size];
        var center = Moments.Mean(target);
        Accumulate(design, target, center, matrix, right, token);
        for (var j = 0; j < design.Width; j++) matrix[(j * size) + j] += l2;

        // Without a penalty one-hot blocks and the intercept are linearly dependent; then the least ridge that solves
        // is taken.
        for (var jitter = 0.0; ; jitter = jitter == 0 ? 1e-10 : jitter * 100)
        {
            token.ThrowIfCancellationRequested();
            var factor = (double[])matrix.Clone();
            var solution = (double[])right.Clone();
            for (var j = 0; j < size; j++) factor[(j * size) + j] += jitter * design.Rows;
            if (!Cholesky.TrySolve(factor, solution)) continue;
            solution[^1] += center;
            return solution;
        }
    }

    private static void Accumulate(
        DesignMatrix design, ReadOnlySpan<double> target, double center, double[] matrix, double[] right,
        CancellationToken token)
    {
        var size = design.Width + 1;
        var positions = new int[design.DensePositions.Length + (design.Rows > 0 ? design.Hot(0).Length : 0) + 1];
        var values = new double[positions.Length];
        design.DensePositions.CopyTo(positions);
        positions[^1] = design.Width;
        values.AsSpan().Fill(1);
        var dense = design.DensePositions.Length;
        for (var row = 0; row < design.Rows; row++)
        {
            if ((row & 0xffff) == 0) token.ThrowIfCancellationRequested();
            var numbers = design.Dense(row);
            for (var j = 0; j < dense; j++) values[j] = numbers[j];
            design.Hot(row).CopyTo(positions.AsSpan(dense));
            for (var a = 0; a < positions.Length; a++)
            {
                right[positions[a]] += values[a] * (target[row] - center);
                for (var b = 0; b < positions.Length; b++)
                {
                    if (positions[b] <= positions[a])
                        matrix[(positions[a] * size) + positions[b]] += values[a] * values[b];
                }
            }
        }
    }
}
