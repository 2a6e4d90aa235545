using Gyre.Numerics;

namespace Gyre.Training.Recommendation;

/// <summary>
/// Solves (G + λI + Σ wᵢ qᵢ qᵢᵀ) p = Σ wᵢ qᵢ over what one owner has, where G is the Gram matrix of all others, by
/// conjugate
/// gradients. The matrix is never formed: a step costs factors² + factors × pairs. One per thread.
/// </summary>
internal sealed class ImplicitSolver(double[] gram, double[] others, int factors)
{
    private readonly double[] _residual = new double[factors];
    private readonly double[] _direction = new double[factors];
    private readonly double[] _product = new double[factors];

    /// <summary>Improves a solution.</summary>
    /// <param name="solution">Where to begin, and the result.</param>
    /// <param name="linked">The others of this owner.</param>
    /// <param name="weights">Their weights.</param>
    /// <param name="ridge">λ, above 0.</param>
    /// <param name="steps">At most so many steps; as many as factors solve exactly but for rounding.</param>
    public void Solve(
        Span<double> solution, ReadOnlySpan<int> linked, ReadOnlySpan<double> weights, double ridge, int steps)
    {
        Multiply(solution, linked, weights, ridge, _residual);
        for (var f = 0; f < factors; f++) _residual[f] = -_residual[f];
        for (var k = 0; k < linked.Length; k++) VectorKernel.AddScaled(_residual, weights[k], Row(linked[k]));
        _residual.CopyTo(_direction, 0);
        var length = VectorMath.Dot(_residual, _residual);
        for (var step = 0; step < steps && length > 1e-24; step++)
        {
            Multiply(_direction, linked, weights, ridge, _product);
            var rate = length / VectorMath.Dot(_direction, _product);
            VectorKernel.AddScaled(solution, rate, _direction);
            VectorKernel.AddScaled(_residual, -rate, _product);
            var next = VectorMath.Dot(_residual, _residual);
            var turn = next / length;
            for (var f = 0; f < factors; f++) _direction[f] = _residual[f] + (turn * _direction[f]);
            length = next;
        }
    }

    private void Multiply(
        ReadOnlySpan<double> vector, ReadOnlySpan<int> linked, ReadOnlySpan<double> weights, double ridge,
        Span<double> result)
    {
        VectorKernel.MultiplySymmetric(gram, vector, result);
        VectorKernel.AddScaled(result, ridge, vector);
        for (var k = 0; k < linked.Length; k++)
        {
            var row = Row(linked[k]);
            VectorKernel.AddScaled(result, weights[k] * VectorMath.Dot(row, vector), row);
        }
    }

    private ReadOnlySpan<double> Row(int other) => others.AsSpan(other * factors, factors);
}
