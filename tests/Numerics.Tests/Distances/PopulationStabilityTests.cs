namespace Gyre.Numerics.Tests.Distances;

public sealed class PopulationStabilityTests
{
    [Fact]
    public void Index_AnyCounts_IsSymmetricAndNotNegative()
    {
        var random = new SeededRandom(1);
        for (var round = 0; round < 100; round++)
        {
            var (a, b) = (Counts(random), Counts(random));
            var index = PopulationStability.Index(a, b);
            Assert.True(index >= 0 && double.IsFinite(index));
            Assert.Equal(index, PopulationStability.Index(b, a), 1e-12);
            Assert.Equal(0, PopulationStability.Index(a, a), 1e-15);
        }

        static double[] Counts(SeededRandom random) => [.. Enumerable.Range(0, 8).Select(_ => (double)random.NextInt(20))];
    }

    [Fact]
    public void Index_OneEmptyBinUnsmoothed_IsInfinite() =>
        Assert.Equal(double.PositiveInfinity, PopulationStability.Index([1, 0], [1, 1], smoothing: 0));

    [Fact]
    public void Index_DifferentBins_Throws() =>
        Assert.Throws<ArgumentException>(() => PopulationStability.Index([1, 2], [1, 2, 3]));

    [Fact]
    public void NoDriftFigures_OneBin_AreZero()
    {
        Assert.Equal(0, PopulationStability.ExpectedWithoutDrift(1, 10, 10));
        Assert.Equal(0, PopulationStability.QuantileWithoutDrift(1, 10, 10));
    }
}
