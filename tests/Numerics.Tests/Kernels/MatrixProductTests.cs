namespace Gyre.Numerics.Tests.Kernels;

public sealed class MatrixProductTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(6, 16, 16)]
    [InlineData(7, 17, 3)]
    [InlineData(13, 33, 257)]
    [InlineData(5, 40, 600)]
    [InlineData(25, 15, 0)]
    public void Multiply_AnySizeAndOrder_SameBitsAsTheScalarProduct(int rows, int columns, int inner)
    {
        var random = new SeededRandom(3);
        var (a, b, start) = (Random(rows * inner), Random(inner * columns), Random(rows * columns));
        foreach (var (leftTurned, rightTurned, accumulate) in new[]
                 {
                     (false, false, false), (true, false, true), (false, true, true), (true, true, false),
                 })
        {
            var left = leftTurned
                ? StridedMatrix.RowMajor(a, inner, rows).Transposed : StridedMatrix.RowMajor(a, rows, inner);
            var right = rightTurned
                ? StridedMatrix.RowMajor(b, columns, inner).Transposed : StridedMatrix.RowMajor(b, inner, columns);
            float[] actual = [.. start], expected = [.. start];

            MatrixProduct.Multiply(left, right, actual, accumulate);
            MatrixProduct.MultiplyScalar(left, right, expected, accumulate);

            Assert.Equal(expected, actual);
        }

        float[] Random(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    [Fact]
    public void Multiply_SizesThatDoNotFit_Throws()
    {
        var numbers = new float[12];
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(
            StridedMatrix.RowMajor(numbers, 3, 4), StridedMatrix.RowMajor(numbers, 3, 4), new float[16]));
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(
            StridedMatrix.RowMajor(numbers, 3, 4), StridedMatrix.RowMajor(numbers, 4, 3), new float[8]));
        Assert.Throws<ArgumentException>(() => StridedMatrix.RowMajor(numbers, 3, 5).Rows);
    }
}
