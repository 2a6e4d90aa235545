using System.Globalization;

namespace Gyre.Primitives.Tests;

public sealed class IdGeneratorTests
{
    [Fact]
    public async Task Next_ManyOnManyThreads_AreDifferentAndOfTheirTime()
    {
        var ids = new IdGenerator(TimeProvider.System);
        var from = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => Enumerable.Range(0, 5000).Select(_ => ids.Next()).ToArray())));

        var to = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var all = made.SelectMany(part => part).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.All(all, id =>
        {
            Assert.Equal(32, id.Length);
            Assert.InRange(long.Parse(id[..12], NumberStyles.HexNumber, CultureInfo.InvariantCulture), from, to);
            Assert.Equal('7', id[12]);
            Assert.Contains(id[16], "89ab");
        });
    }
}
