namespace Gyre.Numerics.Tests.Distances;

public sealed class WassersteinTests
{
    [Fact]
    public void Distance_OfAShift_IsTheShift()
    {
        var random = new SeededRandom(1);
        for (var round = 0; round < 50; round++)
        {
            var (values, weights) = Sample(random, 1 + random.NextInt(40));
            var shift = random.NextNormal() * 3;
            var moved = Array.ConvertAll(values, value => value + shift);
            Assert.Equal(Math.Abs(shift), Wasserstein.Distance(values, weights, moved, weights), 1e-9);
        }
    }

    [Fact]
    public void Distance_IsAMetric()
    {
        var random = new SeededRandom(2);
        for (var round = 0; round < 100; round++)
        {
            var (a, u) = Sample(random, 1 + random.NextInt(30));
            var (b, v) = Sample(random, 1 + random.NextInt(30));
            var (c, w) = Sample(random, 1 + random.NextInt(30));
            var ab = Wasserstein.Distance(a, u, b, v);
            Assert.Equal(0, Wasserstein.Distance(a, u, a, u), 1e-12);
            Assert.Equal(ab, Wasserstein.Distance(b, v, a, u), 1e-12);
            Assert.True(ab <= Wasserstein.Distance(a, u, c, w) + Wasserstein.Distance(c, w, b, v) + 1e-12);
        }
    }

    [Fact]
    public void Distance_WeightsScaledOrRowsRepeated_IsTheSame()
    {
        double[] a = [1, 2, 5], b = [0, 4];
        var distance = Wasserstein.Distance(a, [1, 2, 1], b, [1, 1]);
        Assert.Equal(distance, Wasserstein.Distance(a, [10, 20, 10], b, [0.5, 0.5]), 1e-12);
        Assert.Equal(distance, Wasserstein.Distance([1, 2, 2, 5], [1, 1, 1, 1], b, [1, 1]), 1e-12);
    }

    [Fact]
    public void ExpectedWithoutDrift_Normal_IsWhatSamplesShow()
    {
        var random = new SeededRandom(3);
        double sum = 0;
        for (var round = 0; round < 300; round++)
        {
            var (a, b) = (Normals(random, 400), Normals(random, 100));
            sum += Wasserstein.Distance(a, Ones(400), b, Ones(100));
        }

        var large = Normals(random, 20_000);
        // The mean of 300 distances has a standard error of about 2 %.
        Assert.Equal(1, sum / 300 / Wasserstein.ExpectedWithoutDrift(large, Ones(20_000), 400, 100), 0.08);
    }

    [Fact]
    public void Distance_EmptyOrWeightless_Throws()
    {
        Assert.Throws<ArgumentException>(() => Wasserstein.Distance([], [], [1], [1]));
        Assert.Throws<ArgumentException>(() => Wasserstein.Distance([1], [0], [1], [1]));
        Assert.Throws<ArgumentException>(() => Wasserstein.Distance([1, 2], [1], [1], [1]));
    }

    private static (double[] Values, double[] Weights) Sample(SeededRandom random, int count)
    {
        var weights = new double[count];
        for (var i = 0; i < count; i++) weights[i] = 0.01 + random.NextDouble();
        return (Normals(random, count), weights);
    }

    private static double[] Normals(SeededRandom random, int count)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++) values[i] = random.NextNormal();
        Array.Sort(values);
        return values;
    }

    private static double[] Ones(int count) => [.. Enumerable.Repeat(1.0, count)];
}
