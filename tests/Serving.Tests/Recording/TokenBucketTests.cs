using Gyre.Fixtures;
using Gyre.Serving.Recording;

namespace Gyre.Serving.Tests.Recording;

public sealed class TokenBucketTests
{
    [Fact]
    public void TryTake_Burst_AllowsTheCapacityOnly()
    {
        var bucket = new TokenBucket(perSecond: 0.001, capacity: 5);
        Assert.Equal(5, Enumerable.Range(0, 100).Count(_ => bucket.TryTake()));
    }

    [Fact]
    public async Task TryTake_AfterAPause_AllowsMore()
    {
        var bucket = new TokenBucket(perSecond: 1000, capacity: 1);
        Assert.True(bucket.TryTake());
        await Eventually.HoldsAsync(bucket.TryTake);
    }
}
