namespace Gyre.Numerics.Tests.Random;

public sealed class SeededRandomTests
{
    [Fact]
    public void NextUInt64_ReferenceState_GivesTheReferenceNumbers()
    {
        // The published test vector of xoshiro256** (state 1, 2, 3, 4), as in the crate rand_xoshiro.
        var random = new SeededRandom(1, 2, 3, 4);
        ulong[] expected =
        [
            11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600, 16172922978634559625,
            8476171486693032832, 10595114339597558777, 2904607092377533576,
        ];
        Assert.Equal(expected, expected.Select(_ => random.NextUInt64()));
    }

    [Fact]
    public void SplitMix_ReferenceSeed_GivesTheReferenceNumbers()
    {
        ulong state = 1234567;
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431];
        Assert.Equal(expected, expected.Select(_ => SeededRandom.SplitMix(ref state)));
    }

    [Fact]
    public void Sequences_SameSeed_Same()
    {
        var (first, second, other) = (new SeededRandom(5), new SeededRandom(5), new SeededRandom(6));
        Assert.Equal(first.Permutation(50), second.Permutation(50));
        Assert.Equal(first.Split().NextUInt64(), second.Split().NextUInt64());
        Assert.NotEqual(first.NextUInt64(), other.NextUInt64());
        Assert.NotEqual(SeededRandom.ForStream(5, 1).NextUInt64(), SeededRandom.ForStream(5, 2).NextUInt64());
    }

    [Fact]
    public void NextInt_SmallRange_Uniform()
    {
        var random = new SeededRandom(1);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++) counts[random.NextInt(7)]++;

        // Chi-squared with 6 degrees of freedom exceeds 22.46 once in a thousand seeds.
        Assert.True(counts.Sum(c => (c - 10_000.0) * (c - 10_000) / 10_000) < 22.46);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(0));
    }

    [Fact]
    public void NextNormal_ManyDraws_HaveTheMomentsOfTheNormal()
    {
        var random = new SeededRandom(2);
        var draws = Enumerable.Range(0, 100_000).Select(_ => random.NextNormal()).ToArray();
        Assert.Equal(0, Moments.Mean(draws), 0.015);
        Assert.Equal(1, Moments.StandardDeviation(draws), 0.015);
        Assert.Equal(NormalDistribution.Quantile(0.9), Quantiles.Of(draws, 0.9), 0.02);
    }

    [Fact]
    public void Sample_AnySize_DistinctAscendingAndFair()
    {
        var random = new SeededRandom(3);
        var counts = new int[10];
        for (var r = 0; r < 10_000; r++)
        {
            var sample = random.Sample(10, 4);
            Assert.Equal(sample.Distinct().Order(), sample);
            foreach (var i in sample) counts[i]++;
        }

        Assert.All(counts, c => Assert.InRange(c, 3800, 4200));
        Assert.Equal(Enumerable.Range(0, 10), random.Sample(10, 10));
        Assert.Empty(random.Sample(10, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Sample(3, 4));
    }
}
