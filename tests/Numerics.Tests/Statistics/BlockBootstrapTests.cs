namespace Gyre.Numerics.Tests.Statistics;

public sealed class BlockBootstrapTests
{
    [Theory]
    [InlineData(10, 1)]
    [InlineData(10, 3)]
    [InlineData(10, 10)]
    public void Distribution_AnyLength_DrawsAsManyRowsAsThereAre(int rows, int length)
    {
        var totals = BlockBootstrap.Distribution(rows, length, 50, 1, counts =>
        {
            var sum = 0;
            foreach (var count in counts) sum += count;
            return sum;
        });
        Assert.All(totals, total => Assert.Equal(rows, total));
    }

    [Fact]
    public void Distribution_BlockOfOne_IsThePlainBootstrap() => Assert.Equal(
        PercentileBootstrap.Distribution(30, 200, 7, counts => counts[3]),
        BlockBootstrap.Distribution(30, 1, 200, 7, counts => counts[3]));

    [Fact]
    public void Distribution_Blocks_AreNeighbours()
    {
        // Two blocks of five among ten rows: rows are drawn in runs, so at most two rows begin a run.
        var runs = BlockBootstrap.Distribution(10, 5, 100, 1, counts =>
        {
            var begins = 0;
            for (var i = 0; i < counts.Length; i++) begins += counts[i] > 0 && (i == 0 || counts[i - 1] == 0) ? 1 : 0;
            return begins;
        });
        Assert.All(runs, begins => Assert.InRange(begins, 1, 2));
    }

    [Fact]
    public void Distribution_LengthOutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BlockBootstrap.Distribution(5, 6, 10, 1, _ => 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlockBootstrap.Distribution(5, 0, 10, 1, _ => 0));
    }
}
