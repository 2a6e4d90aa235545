using Gyre.Serving.Measurements;

namespace Gyre.Serving.Tests.Measurements;

public class InferenceCountersTests
{
    private static readonly PhaseTimes Times = new(
        TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2), TimeSpan.Zero);

    [Fact]
    public async Task Answered_FromManyThreadsAtOnce_LosesNothing()
    {
        var counters = new InferenceCounters();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++) counters.Answered(InferenceProtocol.OipRest, 3, Times);
        })));
        var read = counters.Read("m", "1");

        Assert.Equal(160_000, read.Requests(InferenceProtocol.OipRest, InferenceOutcome.Ok));
        Assert.Equal(160_000, read.Requests(InferenceOutcome.Ok));
        Assert.Equal(480_000, read.Rows);
        Assert.Equal(160_000, read.Duration.Count);
        Assert.Equal(800, read.Duration.Sum, 1e-6); // 160 000 × 5 ms, summed as whole ticks
        Assert.Equal(320, read.Compute.Sum, 1e-6);
    }

    [Fact]
    public void Answered_OnABound_CountsInTheBucketThatEndsThere()
    {
        var counters = new InferenceCounters();
        counters.Answered(InferenceProtocol.Predict, 1, Times with { Total = TimeSpan.FromMilliseconds(5) });
        counters.Answered(InferenceProtocol.Predict, 1, Times with { Total = TimeSpan.FromMilliseconds(5.0001) });
        counters.Answered(InferenceProtocol.Predict, 1, Times with { Total = TimeSpan.FromMinutes(1) });
        var duration = counters.Read("m", "1").Duration;
        var at = duration.Bounds.IndexOf(0.005);
        Assert.Equal((1, 1, 1), (duration.Counts[at], duration.Counts[at + 1], duration.Counts[^1]));
    }

    [Fact]
    public void BatchScored_Sizes_FallIntoTheirBuckets()
    {
        var counters = new InferenceCounters();
        foreach (var rows in new[] { 1, 2, 3, 1024, 5000 }) counters.BatchScored(rows);
        var batches = counters.Read("m", "1").BatchRows;
        Assert.Equal([1L, 1, 1], batches.Counts.AsSpan(0, 3).ToArray());
        Assert.Equal((1, 1), (batches.Counts[^2], batches.Counts[^1]));
        Assert.Equal(6030, batches.Sum);
    }

    [Fact]
    public void Answered_Warm_AllocatesNothing()
    {
        var counters = new InferenceCounters();
        counters.Answered(InferenceProtocol.Predict, 1, Times);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            counters.Answered(InferenceProtocol.Predict, 1, Times);
            counters.Ended(InferenceProtocol.Predict, InferenceOutcome.Error);
            counters.BatchScored(1);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Over_FewerBounds_KeepsCountsAndSum()
    {
        var counters = new InferenceCounters();
        foreach (var ms in new[] { 0.2, 4, 30, 20_000 })
            counters.Answered(InferenceProtocol.Predict, 1, Times with { Total = TimeSpan.FromMilliseconds(ms) });
        var full = counters.Read("m", "1").Duration;
        var few = full.Over([0.005, 0.1]);
        Assert.Equal([2L, 1, 1], few.Counts.ToArray());
        Assert.Equal(full.Sum, few.Sum);
        Assert.Equal([4L, 2, 2], few.Plus(few).Counts.ToArray());
        Assert.Throws<ArgumentException>(() => full.Over([0.006]));
    }
}
