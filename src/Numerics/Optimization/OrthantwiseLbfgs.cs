namespace Gyre.Numerics;

/// <summary>
/// Minimises a smooth function plus Σ penaltyᵢ |xᵢ| by orthant-wise limited-memory quasi-Newton steps (Andrew and Gao,
/// "Scalable training of L1-regularized log-linear models", ICML 2007). Many components of the minimum are exactly 0.
/// </summary>
/// <param name="memory">How many past steps shape the search direction.</param>
/// <param name="maxIterations">The most iterations.</param>
/// <param name="tolerance">Stops when no component of the pseudo-gradient is larger in absolute value.</param>
public sealed class OrthantwiseLbfgs(int memory = 10, int maxIterations = 500, double tolerance = 1e-6)
{
    private const double Decrease = 1e-4;

    /// <summary>Minimises in place.</summary>
    /// <param name="point">The start on entry, the minimum found on return.</param>
    /// <param name="penalty">One factor per component, 0 or more.</param>
    /// <param name="objective">The smooth part.</param>
    /// <param name="onIteration">Called with the iteration's number, from 1, and the value; may throw to stop.</param>
    /// <returns>The value with its penalty, the iterations used, and whether the tolerance was met.</returns>
    public LbfgsResult Minimize(
        double[] point, double[] penalty, Lbfgs.Objective objective, Action<int, double>? onIteration = null)
    {
        if (penalty.Length != point.Length)
            throw new ArgumentException($"{penalty.Length} penalties for {point.Length} components.", nameof(penalty));
        var history = new LbfgsHistory(memory);
        var gradient = new double[point.Length];
        var value = objective(point, gradient) + Penalty(point, penalty);
        for (var iteration = 1; iteration <= maxIterations; iteration++)
        {
            var pseudo = PseudoGradient(point, gradient, penalty);
            if (Largest(pseudo) <= tolerance) return new LbfgsResult(value, iteration - 1, true);
            var next = Step(history, objective, point, pseudo, penalty, value);
            if (next is null && history.Count > 0)
            {
                // The remembered curvature misleads; steepest descent has one more try.
                history.Clear();
                next = Step(history, objective, point, pseudo, penalty, value);
            }

            if (next is not { } found) return new LbfgsResult(value, iteration - 1, false);
            history.Remember(point, gradient, found.Point, found.Gradient);
            found.Point.CopyTo(point, 0);
            (gradient, value) = (found.Gradient, found.Value);
            onIteration?.Invoke(iteration, value);
        }

        return new LbfgsResult(value, maxIterations, false);
    }

    private static (double[] Point, double[] Gradient, double Value)? Step(
        LbfgsHistory history, Lbfgs.Objective objective, double[] point, double[] pseudo, double[] penalty,
        double value)
    {
        var direction = history.Direction(pseudo);

        // A component that would go against the pseudo-gradient's descent is not trusted.
        for (var i = 0; i < direction.Length; i++)
        {
            if (direction[i] * pseudo[i] >= 0) direction[i] = 0;
        }

        if (!(VectorMath.Dot(direction, pseudo) < 0)) return null;
        var step = history.Count == 0 ? Math.Min(1, 1 / Math.Sqrt(VectorMath.Dot(pseudo, pseudo))) : 1;
        for (var attempt = 0; attempt < 40; attempt++, step /= 2)
        {
            var next = new double[point.Length];
            var decrease = 0.0;
            for (var i = 0; i < next.Length; i++)
            {
                var moved = point[i] + (step * direction[i]);

                // The step stays in the orthant that the point is in, or goes into by the pseudo-gradient.
                var sign = point[i] != 0 ? Math.Sign(point[i]) : -Math.Sign(pseudo[i]);
                next[i] = penalty[i] == 0 || moved * sign > 0 ? moved : 0;
                decrease += pseudo[i] * (next[i] - point[i]);
            }

            var gradient = new double[point.Length];
            var reached = objective(next, gradient) + Penalty(next, penalty);
            if (reached <= value + (Decrease * decrease)) return (next, gradient, reached);
        }

        return null;
    }

    private static double[] PseudoGradient(double[] point, double[] gradient, double[] penalty)
    {
        var pseudo = new double[point.Length];
        for (var i = 0; i < pseudo.Length; i++)
        {
            pseudo[i] = point[i] != 0 ? gradient[i] + (Math.Sign(point[i]) * penalty[i])
                : gradient[i] > penalty[i] ? gradient[i] - penalty[i]
                : gradient[i] < -penalty[i] ? gradient[i] + penalty[i]
                : 0;
        }

        return pseudo;
    }

    private static double Penalty(double[] point, double[] penalty)
    {
        var sum = 0.0;
        for (var i = 0; i < point.Length; i++) sum += penalty[i] * Math.Abs(point[i]);
        return sum;
    }

    private static double Largest(double[] vector)
    {
        var largest = 0.0;
        foreach (var component in vector) largest = Math.Max(largest, Math.Abs(component));
        return largest;
    }
}
