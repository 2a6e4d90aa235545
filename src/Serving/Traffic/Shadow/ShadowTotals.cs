using Gyre.Serving.Traffic.Statistics;

namespace Gyre.Serving.Traffic.Shadow;

/// <summary>What comparing with a shadow came to. Two add up.</summary>
/// <param name="Requests">Requests that were compared.</param>
/// <param name="Difference">How the answers differed.</param>
/// <param name="Failed">Requests that the shadow failed on.</param>
/// <param name="Dropped">Requests that were not mirrored: the queue was full, they were late or too long.</param>
/// <param name="Champion">The scoring of the version that answered.</param>
/// <param name="Challenger">The scoring of the shadow.</param>
internal sealed record ShadowTotals(
    long Requests, OutputDifference Difference, long Failed, long Dropped, LatencyHistogram Champion,
    LatencyHistogram Challenger)
{
    public static ShadowTotals Empty { get; } =
        new(0, default, 0, 0, LatencyHistogram.Empty, LatencyHistogram.Empty);

    public ShadowTotals Add(ShadowTotals other) => new(
        Requests + other.Requests, Difference.Add(other.Difference), Failed + other.Failed, Dropped + other.Dropped,
        Champion.Add(other.Champion), Challenger.Add(other.Challenger));
}

/// <summary>What this process compared for one policy. Thread-safe.</summary>
internal sealed class ShadowCounters
{
    private readonly ArmCounters _champion = new();
    private readonly ArmCounters _challenger = new();
    private readonly Lock _lock = new();
    private OutputDifference _difference;
    private long _failed;
    private long _dropped;

    public void Drop() => Interlocked.Increment(ref _dropped);

    public void Fail() => Interlocked.Increment(ref _failed);

    public void Compare(OutputDifference difference, TimeSpan champion, TimeSpan challenger)
    {
        _champion.Observe(RequestOutcome.Answered, champion);
        _challenger.Observe(RequestOutcome.Answered, challenger);
        lock (_lock) _difference = _difference.Add(difference);
    }

    public ShadowTotals Read()
    {
        OutputDifference difference;
        lock (_lock) difference = _difference;
        return new ShadowTotals(_challenger.Requests, difference, Volatile.Read(ref _failed),
            Volatile.Read(ref _dropped), _champion.Read().Latency, _challenger.Read().Latency);
    }
}
