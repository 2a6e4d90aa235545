namespace Gyre.Numerics.Tests.Histograms;

public sealed class KernelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void Add_AnyRowsAndFeatures_AsTheScalarForm(int features)
    {
        var random = new SeededRandom(6);
        const int rows = 500;
        var bins = new byte[rows * features];
        foreach (ref var bin in bins.AsSpan()) bin = (byte)random.NextInt(17);
        var gradients = new float[2 * rows];
        foreach (ref var g in gradients.AsSpan()) g = (float)random.NextNormal();
        for (var first = 0; first < features; first++)
        {
            var offsets = Enumerable.Range(0, features - first).Select(f => 17 * f).ToArray();
            foreach (var count in new[] { 0, 1, 15, 16, 17, 200, rows })
            {
                var chosen = random.Sample(rows, count);
                var (expected, actual) = (new double[34 * features], new double[34 * features]);
                HistogramKernel.AddScalar(bins, features, offsets, first, chosen, gradients, expected);
                HistogramKernel.Add(bins, features, offsets, first, chosen, gradients, actual);
                Assert.Equal(expected, actual);
            }

            var (all, range) = (new double[34 * features], new double[34 * features]);
            HistogramKernel.AddScalar(bins, features, offsets, first, [.. Enumerable.Range(100, 250)], gradients, all);
            HistogramKernel.AddRange(bins, features, offsets, first, 100, 250, gradients, range);
            Assert.Equal(all, range);
        }
    }

    [Fact]
    public void Split_AnyRows_StableAndComplete()
    {
        var random = new SeededRandom(8);
        var bins = Enumerable.Range(0, 1000).Select(_ => (byte)random.NextInt(256)).ToArray();
        var goesLeft = Enumerable.Range(0, 256).Select(_ => (byte)random.NextInt(2)).ToArray();
        foreach (var count in new[] { 0, 1, 2, 7, 500, 1000 })
        {
            var rows = random.Sample(1000, count);
            var (left, right) = ((int[])rows.Clone(), new int[count]);
            var lefts = RowPartition.Split(bins, goesLeft, left, right);
            Assert.Equal(rows.Where(r => goesLeft[bins[r]] == 1), left[..lefts]);
            Assert.Equal(rows.Where(r => goesLeft[bins[r]] == 0), right[..(count - lefts)]);
        }

        Assert.Throws<ArgumentException>(() => RowPartition.Split(bins, new byte[10], new int[1], new int[1]));
        Assert.Throws<ArgumentException>(() => RowPartition.Split(bins, goesLeft, new int[2], new int[1]));
    }
}
