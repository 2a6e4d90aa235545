using Gyre.Numerics;

namespace Gyre.Training;

/// <summary>
/// Least squares from the inputs' products: minimises ½ Σ u (y − b − x·w)² + l1 ‖w‖₁ + ½ l2 ‖w‖² with row weights u,
/// the intercept b free. The matrix is built from the few inputs of each row that are not 0.
/// </summary>
internal sealed class NormalEquations
{
    /// <summary>The widest problem solved so: the matrix takes 8 × width² bytes.</summary>
    public const int MaxWidth = 2000;

    private readonly double[] _matrix;
    private readonly double[] _right;
    private readonly double _center;
    private readonly double _total;
    private readonly double _spread;

    public NormalEquations(
        DesignMatrix design, ReadOnlySpan<double> target, ReadOnlySpan<double> weights, CancellationToken token)
    {
        Size = design.Width + 1;
        _matrix = new double[Size * Size];
        _right = new double[Size];
        double sum = 0, squares = 0;
        for (var row = 0; row < target.Length; row++)
        {
            var weight = weights.IsEmpty ? 1 : weights[row];
            _total += weight;
            sum += weight * target[row];
        }

        _center = sum / _total;
        for (var row = 0; row < target.Length; row++)
            squares += (weights.IsEmpty ? 1 : weights[row]) * (target[row] - _center) * (target[row] - _center);
        _spread = Math.Sqrt(squares / _total);
        Accumulate(design, target, weights, token);
    }

    private int Size { get; }

    /// <summary>The weights, the intercept last, without L1.</summary>
    public double[] Solve(double l2, CancellationToken token)
    {
        // Without a penalty one-hot blocks and the intercept are linearly dependent; then the least ridge that solves
        // is taken.
        for (var jitter = 0.0; ; jitter = jitter == 0 ? 1e-10 : jitter * 100)
        {
            token.ThrowIfCancellationRequested();
            var factor = (double[])_matrix.Clone();
            var solution = (double[])_right.Clone();
            for (var j = 0; j < Size; j++)
                factor[(j * Size) + j] += (jitter * _total) + (j < Size - 1 ? l2 : 0);
            if (!Cholesky.TrySolve(factor, solution)) continue;
            solution[^1] += _center;
            return solution;
        }
    }

    /// <summary>
    /// The weights, the intercept last, by cyclic coordinate descent on the products (Friedman, Hastie and Tibshirani
    /// 2010, "covariance updates").
    /// </summary>
    /// <param name="l1">The weight of ‖w‖₁, above 0.</param>
    /// <param name="l2">The weight of ½ ‖w‖².</param>
    /// <param name="maxSweeps">The most rounds over all coordinates.</param>
    /// <param name="tolerance">Ends when no coordinate moves predictions by more, in units of the target's
    /// deviation.</param>
    /// <param name="token">Stops between rounds.</param>
    public double[] Descend(double l1, double l2, int maxSweeps, double tolerance, CancellationToken token)
    {
        Mirror();
        var solution = new double[Size];
        var slopes = (double[])_right.Clone(); // Xᵀ U (y − X w): minus the gradient of the squares
        for (var sweep = 0; sweep < maxSweeps; sweep++)
        {
            token.ThrowIfCancellationRequested();
            var largest = 0.0;
            for (var j = 0; j < Size; j++)
            {
                var curvature = _matrix[(j * Size) + j];
                if (curvature <= 0) continue;
                var pull = slopes[j] + (curvature * solution[j]);
                var next = j == Size - 1
                    ? pull / curvature
                    : Math.Sign(pull) * Math.Max(Math.Abs(pull) - l1, 0) / (curvature + l2);
                var change = next - solution[j];
                if (change == 0) continue;
                solution[j] = next;
                VectorMath.AddScaled(slopes, -change, _matrix.AsSpan(j * Size, Size));
                largest = Math.Max(largest, Math.Abs(change) * Math.Sqrt(curvature / _total));
            }

            if (largest <= tolerance * _spread) break;
        }

        solution[^1] += _center;
        return solution;
    }

    private void Mirror()
    {
        for (var j = 0; j < Size; j++)
        for (var i = 0; i < j; i++)
            _matrix[(i * Size) + j] = _matrix[(j * Size) + i];
    }

    private void Accumulate(
        DesignMatrix design, ReadOnlySpan<double> target, ReadOnlySpan<double> weights, CancellationToken token)
    {
        var positions = new List<int>();
        var values = new List<double>();
        for (var row = 0; row < design.Rows; row++)
        {
            if ((row & 0xfff) == 0) token.ThrowIfCancellationRequested();
            positions.Clear();
            values.Clear();
            design.Gather(row, positions, values);
            positions.Add(design.Width);
            values.Add(1);
            var weight = weights.IsEmpty ? 1 : weights[row];
            for (var a = 0; a < positions.Count; a++)
            {
                var own = _matrix.AsSpan(positions[a] * Size, Size);
                var scaled = weight * values[a];
                _right[positions[a]] += scaled * (target[row] - _center);
                for (var b = 0; b < positions.Count; b++)
                {
                    if (positions[b] <= positions[a]) own[positions[b]] += scaled * values[b];
                }
            }
        }
    }
}
