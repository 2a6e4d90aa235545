namespace Gyre.Numerics.Tests.Kernels;

public sealed class ImageKernelTests
{
    private readonly SeededRandom _random = new(5);

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(4, 5, 3)]
    [InlineData(2, 1, 9)]
    [InlineData(6, 7, 16)]
    public void Gather_AnyImage_PatchesHoldTheNeighboursOrZero(int height, int width, int channels)
    {
        var image = Random(height * width * channels);
        var patches = Enumerable.Repeat(float.NaN, height * width * 9 * channels).ToArray();

        ImagePatches.Gather(image, height, width, channels, patches);

        var at = 0;
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        for (var dy = -1; dy <= 1; dy++)
        for (var dx = -1; dx <= 1; dx++)
        for (var c = 0; c < channels; c++)
        {
            var inside = y + dy >= 0 && y + dy < height && x + dx >= 0 && x + dx < width;
            var expected = inside ? image[((((y + dy) * width) + x + dx) * channels) + c] : 0;
            Assert.Equal(expected, patches[at++]);
        }
    }

    [Theory]
    [InlineData(4, 5, 3)]
    [InlineData(3, 1, 8)]
    public void Scatter_AnyPatches_IsTheTransposeOfGather(int height, int width, int channels)
    {
        // <gather(image), patches> = <image, scatter(patches)> for all images and patches.
        var image = Random(height * width * channels);
        var patches = Random(height * width * 9 * channels);
        var (gathered, scattered) = (new float[patches.Length], new float[image.Length]);
        ImagePatches.Gather(image, height, width, channels, gathered);
        ImagePatches.Scatter(patches, height, width, channels, scattered);
        Assert.Equal(Dot(gathered, patches), Dot(image, scattered), 1e-4);
    }

    [Theory]
    [InlineData(4, 6, 3)]
    [InlineData(5, 7, 17)]
    public void Pool_AnyImage_LargestOfFourAndItsDerivativeGoesBackThere(int height, int width, int channels)
    {
        var image = Random(height * width * channels);
        var pooled = new float[height / 2 * (width / 2) * channels];
        MaxPooling.Pool(image, height, width, channels, pooled);
        var slopes = Random(pooled.Length);
        var back = Enumerable.Repeat(float.NaN, image.Length).ToArray();
        MaxPooling.Unpool(image, pooled, slopes, height, width, channels, back);

        var expected = new float[image.Length];
        for (var y = 0; y < height / 2; y++)
        for (var x = 0; x < width / 2; x++)
        for (var c = 0; c < channels; c++)
        {
            int At(int dy, int dx) => (((((2 * y) + dy) * width) + (2 * x) + dx) * channels) + c;
            var largest = new[] { At(0, 0), At(0, 1), At(1, 0), At(1, 1) }.MaxBy(i => image[i]);
            var place = (((y * (width / 2)) + x) * channels) + c;
            Assert.Equal(image[largest], pooled[place]);
            expected[largest] = slopes[place];
        }

        Assert.Equal(expected, back);
    }

    [Fact]
    public void Apply_AdamOnManyWeights_AsTheFormulaInFloat64()
    {
        const int count = 19;
        var (weights, first, second) = (Random(count), new float[count], new float[count]);
        var expected = weights.Select(w => (double)w).ToArray();
        var (m, v) = (new double[count], new double[count]);
        for (var step = 1; step <= 5; step++)
        {
            var gradient = Random(count);
            AdamStep.Apply(weights, gradient, first, second, step, 0.01, 0.1);
            for (var i = 0; i < count; i++)
            {
                m[i] = (0.9 * m[i]) + (0.1 * gradient[i]);
                v[i] = (0.999 * v[i]) + (0.001 * gradient[i] * gradient[i]);
                var mean = m[i] / (1 - Math.Pow(0.9, step));
                var root = Math.Sqrt(v[i] / (1 - Math.Pow(0.999, step)));
                expected[i] -= 0.01 * ((mean / (root + 1e-8)) + (0.1 * expected[i]));
            }
        }

        for (var i = 0; i < count; i++) Assert.Equal(expected[i], weights[i], 1e-5);
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private float[] Random(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)_random.NextNormal())];
}
