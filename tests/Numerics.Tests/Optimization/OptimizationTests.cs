namespace Gyre.Numerics.Tests.Optimization;

public sealed class OptimizationTests
{
    [Fact]
    public void Minimize_Rosenbrock_FindsItsMinimum()
    {
        double[] point = [-1.2, 1];
        var result = new Lbfgs(tolerance: 1e-9).Minimize(point, (p, gradient) =>
        {
            var (a, b) = (1 - p[0], p[1] - (p[0] * p[0]));
            gradient[0] = (-2 * a) - (400 * p[0] * b);
            gradient[1] = 200 * b;
            return (a * a) + (100 * b * b);
        });
        Assert.True(result.Converged);
        Assert.InRange(result.Iterations, 1, 100);
        Assert.Equal(1, point[0], 1e-7);
        Assert.Equal(1, point[1], 1e-7);
    }

    [Fact]
    public void Minimize_IterationsRunOut_SaysSo()
    {
        double[] point = [100];
        var result = new Lbfgs(maxIterations: 1, tolerance: 1e-12).Minimize(point, (p, gradient) =>
        {
            gradient[0] = 4 * Math.Pow(p[0], 3);
            return Math.Pow(p[0], 4);
        });
        Assert.False(result.Converged);
        Assert.True(Math.Abs(point[0]) < 100);
    }

    [Fact]
    public void TrySolve_PositiveDefinite_Solves()
    {
        var random = new SeededRandom(4);
        const int size = 23;
        var (root, solution) = (new double[size * size], new double[size]);
        foreach (ref var r in root.AsSpan()) r = random.NextNormal();
        foreach (ref var s in solution.AsSpan()) s = random.NextNormal();
        var (matrix, right) = (new double[size * size], new double[size]);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                matrix[(i * size) + j] = VectorMath.Dot(root.AsSpan(i * size, size),
                    root.AsSpan(j * size, size)) + (i == j ? 1 : 0);
                right[i] += matrix[(i * size) + j] * solution[j];
            }
        }

        Assert.True(Cholesky.TrySolve(matrix, right));
        for (var i = 0; i < size; i++) Assert.Equal(solution[i], right[i], 1e-9);
    }

    [Fact]
    public void TrySolve_Indefinite_RefusedWithoutException()
    {
        Assert.False(Cholesky.TrySolve([1, 2, 2, 1], [1, 1]));
        Assert.Throws<ArgumentException>(() => Cholesky.TrySolve([1, 2, 3], [1, 1]));
    }

    [Fact]
    public void Dot_EveryLength_AsScalar()
    {
        for (var n = 0; n < 40; n++)
        {
            var (a, b) = (Enumerable.Range(1, n).Select(i => (double)i).ToArray(),
                Enumerable.Range(0, n).Select(i => i * 0.5).ToArray());
            Assert.Equal(a.Zip(b, (x, y) => x * y).Sum(), VectorMath.Dot(a, b), 1e-9);
        }
    }
}
