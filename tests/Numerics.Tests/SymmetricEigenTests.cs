namespace Gyre.Numerics.Tests;

public sealed class SymmetricEigenTests
{
    [Fact]
    public void Decompose_RandomMatrix_VectorsRebuildIt()
    {
        const int size = 30;
        var random = new SeededRandom(3);
        var matrix = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++) matrix[(i * size) + j] = matrix[(j * size) + i] = random.NextNormal();
        }

        var (values, vectors) = SymmetricEigen.Decompose((double[])matrix.Clone(), size);

        for (var i = 0; i < size; i++)
        {
            if (i > 0) Assert.True(values[i] <= values[i - 1]);
            for (var j = 0; j < size; j++)
            {
                var rebuilt = Enumerable.Range(0, size).Sum(k => values[k] * vectors[(k * size) + i] * vectors[(k * size) + j]);
                var product = Enumerable.Range(0, size).Sum(k => vectors[(i * size) + k] * vectors[(j * size) + k]);
                Assert.Equal(matrix[(i * size) + j], rebuilt, 1e-12);
                Assert.Equal(i == j ? 1 : 0, product, 1e-12);
            }
        }
    }

    [Fact]
    public void Decompose_Diagonal_GivesItSorted()
    {
        var (values, vectors) = SymmetricEigen.Decompose([1, 0, 0, 3], 2);

        Assert.Equal([3, 1], values);
        Assert.Equal([0, 1, 1, 0], vectors);
    }
}
