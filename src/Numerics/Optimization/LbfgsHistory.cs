namespace Gyre.Numerics;

/// <summary>
/// The last steps of a minimisation and how the gradient changed along them; their two-loop recursion (Nocedal and
/// Wright, "Numerical Optimization", 2006, algorithm 7.4) gives the next direction.
/// </summary>
/// <param name="memory">How many steps are kept.</param>
internal sealed class LbfgsHistory(int memory)
{
    private readonly List<(double[] Step, double[] Change, double Inverse)> _steps = new(memory);

    public int Count => _steps.Count;

    public void Clear() => _steps.Clear();

    /// <summary>About −H⁻¹ × gradient.</summary>
    public double[] Direction(double[] gradient)
    {
        var direction = Array.ConvertAll(gradient, g => -g);
        var alphas = new double[_steps.Count];
        for (var i = _steps.Count - 1; i >= 0; i--)
        {
            alphas[i] = _steps[i].Inverse * VectorMath.Dot(_steps[i].Step, direction);
            VectorMath.AddScaled(direction, -alphas[i], _steps[i].Change);
        }

        if (_steps.Count > 0)
        {
            var (step, change, _) = _steps[^1];
            var scale = VectorMath.Dot(step, change) / VectorMath.Dot(change, change);
            for (var i = 0; i < direction.Length; i++) direction[i] *= scale;
        }

        for (var i = 0; i < _steps.Count; i++)
        {
            var beta = _steps[i].Inverse * VectorMath.Dot(_steps[i].Change, direction);
            VectorMath.AddScaled(direction, alphas[i] - beta, _steps[i].Step);
        }

        return direction;
    }

    /// <summary>Keeps a step, unless the function does not curve along it.</summary>
    public void Remember(double[] point, double[] gradient, double[] nextPoint, double[] nextGradient)
    {
        var step = (double[])nextPoint.Clone();
        VectorMath.AddScaled(step, -1, point);
        var change = (double[])nextGradient.Clone();
        VectorMath.AddScaled(change, -1, gradient);
        var product = VectorMath.Dot(step, change);
        if (!(product > 1e-300)) return;
        if (_steps.Count == memory) _steps.RemoveAt(0);
        _steps.Add((step, change, 1 / product));
    }
}
