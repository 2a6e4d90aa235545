namespace Gyre.Numerics.Tests.Statistics;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 2.25)]
    [InlineData(0.5, 4)]
    [InlineData(0.9, 8.28)]
    [InlineData(1, 9)]
    public void Quantile_SevenValues_AsNumpy(double probability, double expected)
    {
        double[] values = [9, 1, 4, double.NaN, 2.5, 2, 7.8, 4]; // numpy.quantile of these without the NaN
        Assert.Equal(expected, Quantiles.Of(values, probability), 1e-12);
    }

    [Fact]
    public void Quantile_OutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Quantiles.Of([1.0], 1.1));
        Assert.Throws<ArgumentException>(() => Quantiles.OfSorted([], 0.5));
        Assert.Equal(double.NaN, Quantiles.Of([double.NaN], 0.5));
    }

    [Fact]
    public void Moments_KnownValues_AsByHand()
    {
        Assert.Equal(2.5, Moments.Mean([1, 2, 3, 4]));
        Assert.Equal(5 / 3.0, Moments.Variance([1, 2, 3, 4]), 1e-15);
        Assert.Equal(1.25, Moments.Variance([1, 2, 3, 4], 0), 1e-15);
        Assert.Equal(3, Moments.WeightedMean([1, 2, 3.5], [0, 1, 2]));
        Assert.Equal(double.NaN, Moments.WeightedMean([1], [0]));
        Assert.Equal(double.NaN, Moments.Variance([1]));

        // A large offset cancels no digits away.
        Assert.Equal(1.25, Moments.Variance([1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4], 0));
    }

    // Values of scipy.stats.norm.cdf (1.10).
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.8413447460685429)]
    [InlineData(-1.959963984540054, 0.025)]
    [InlineData(2.999, 0.9986456634662729)]
    [InlineData(-3.001, 0.0013454728250849653)]
    [InlineData(-8, 6.22096057427174e-16)]
    [InlineData(-37, 5.7255712225239266e-300)]
    public void Cumulative_AgainstScipy_Same(double x, double expected) =>
        Assert.Equal(1, NormalDistribution.Cumulative(x) / expected, 1e-9);

    [Fact]
    public void Quantile_OfNormal_InvertsCumulative()
    {
        foreach (var p in new[] { 1e-300, 1e-12, 1e-4, 0.02, 0.3, 0.5, 0.77, 0.999 })
            Assert.Equal(1, NormalDistribution.Cumulative(NormalDistribution.Quantile(p)) / p, 1e-9);
        Assert.Equal(1.959963984540054, NormalDistribution.Quantile(0.975), 1e-12);
        Assert.Equal(double.PositiveInfinity, NormalDistribution.Quantile(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalDistribution.Quantile(-0.1));
    }

    [Fact]
    public void PercentileBootstrap_MeanOfNormals_CoversTheTrueMeanAboutAsOftenAsItSays()
    {
        var random = new SeededRandom(1);
        var covered = 0;
        for (ulong trial = 0; trial < 200; trial++)
        {
            var values = Enumerable.Range(0, 60).Select(_ => random.NextNormal()).ToArray();
            var means = PercentileBootstrap.Distribution(60, 200, trial, counts => MeanOf(values, counts));
            if (PercentileBootstrap.Interval(means).Contains(0)) covered++;
        }

        // 95 % of 200 are 190, standard deviation 3; the percentile method with 60 values covers a little less.
        Assert.InRange(covered, 176, 199);
    }

    [Fact]
    public void PercentileBootstrap_UndefinedResamples_LeftOut()
    {
        var distribution = PercentileBootstrap.Distribution(
            2, 100, 1, counts => counts[0] == 2 ? double.NaN : counts[0]);
        Assert.InRange(distribution.Length, 50, 95);
        Assert.DoesNotContain(double.NaN, distribution);
        Assert.True(double.IsNaN(PercentileBootstrap.Interval([]).Lower));
    }

    private static double MeanOf(double[] values, ReadOnlySpan<int> counts)
    {
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++) sum += counts[i] * values[i];
        return sum / values.Length;
    }
}
