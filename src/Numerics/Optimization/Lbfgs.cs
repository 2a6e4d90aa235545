namespace Gyre.Numerics;

/// <summary>
/// Minimises a smooth function by limited-memory BFGS with the two-loop recursion (Nocedal and Wright, "Numerical
/// Optimization", 2006, algorithm 7.4) and a line search that meets the weak Wolfe conditions by bisection
/// (Lewis and Overton 2013).
/// </summary>
/// <param name="memory">How many past steps shape the search direction.</param>
/// <param name="maxIterations">The most iterations.</param>
/// <param name="tolerance">Stops when no component of the gradient is larger in absolute value.</param>
public sealed class Lbfgs(int memory = 10, int maxIterations = 500, double tolerance = 1e-6)
{
    private const double Decrease = 1e-4;
    private const double Curvature = 0.9;

    /// <summary>The function to minimise: returns its value and fills its gradient.</summary>
    public delegate double Objective(ReadOnlySpan<double> point, Span<double> gradient);

    /// <summary>Minimises in place.</summary>
    /// <param name="point">The start on entry, the minimum found on return.</param>
    /// <param name="objective">The function.</param>
    /// <param name="onIteration">Called with the iteration's number, from 1, and the value; may throw to stop.</param>
    /// <returns>The value at the minimum, the iterations used, and whether the tolerance was met.</returns>
    public LbfgsResult Minimize(double[] point, Objective objective, Action<int, double>? onIteration = null)
    {
        var history = new LbfgsHistory(memory);
        var gradient = new double[point.Length];
        var value = objective(point, gradient);
        for (var iteration = 1; iteration <= maxIterations; iteration++)
        {
            if (LargestComponent(gradient) <= tolerance) return new LbfgsResult(value, iteration - 1, true);
            var direction = history.Direction(gradient);
            var slope = VectorMath.Dot(direction, gradient);
            if (slope >= 0)
            {
                history.Clear();
                direction = history.Direction(gradient);
                slope = VectorMath.Dot(direction, gradient);
            }

            var first = history.Count == 0 ? Math.Min(1, 1 / Math.Sqrt(-slope)) : 1;
            if (Search(objective, point, direction, value, slope, first) is not { } next)
                return new LbfgsResult(value, iteration - 1, false);
            history.Remember(point, gradient, next.Point, next.Gradient);
            next.Point.CopyTo(point, 0);
            gradient = next.Gradient;
            value = next.Value;
            onIteration?.Invoke(iteration, value);
        }

        return new LbfgsResult(value, maxIterations, LargestComponent(gradient) <= tolerance);
    }

    private static Trial? Search(
        Objective objective, double[] start, double[] direction, double value, double slope, double step)
    {
        double low = 0, high = double.PositiveInfinity;
        Trial? best = null;
        for (var attempt = 0; attempt < 40; attempt++)
        {
            var point = (double[])start.Clone();
            VectorMath.AddScaled(point, step, direction);
            var gradient = new double[point.Length];
            var trial = objective(point, gradient);
            if (!(trial <= value + (Decrease * step * slope)))
            {
                high = step;
            }
            else
            {
                best = new Trial(point, gradient, trial);
                if (VectorMath.Dot(gradient, direction) >= Curvature * slope) return best;
                low = step;
            }

            step = double.IsPositiveInfinity(high) ? step * 2 : (low + high) / 2;
        }

        return best;
    }

    private static double LargestComponent(double[] vector)
    {
        var largest = 0.0;
        foreach (var component in vector) largest = Math.Max(largest, Math.Abs(component));
        return largest;
    }

    private sealed record Trial(double[] Point, double[] Gradient, double Value);
}

/// <summary>How a minimisation ended.</summary>
/// <param name="Value">The function at the minimum found.</param>
/// <param name="Iterations">The iterations used.</param>
/// <param name="Converged">Whether the gradient met the tolerance; false when iterations ran out or no step
/// helped.</param>
public readonly record struct LbfgsResult(double Value, int Iterations, bool Converged);
