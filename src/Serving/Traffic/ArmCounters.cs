using System.Collections.Immutable;
using Gyre.Serving.Traffic.Canary;
using Gyre.Serving.Traffic.Statistics;

namespace Gyre.Serving.Traffic;

/// <summary>How a request ended.</summary>
internal enum RequestOutcome
{
    /// <summary>It was answered.</summary>
    Answered,

    /// <summary>It failed on our side.</summary>
    Failed,

    /// <summary>It was refused for what the client sent.</summary>
    Refused,
}

/// <summary>What this process saw of one arm. Thread-safe, without locks.</summary>
internal sealed class ArmCounters
{
    private readonly long[] _latency = new long[LatencyHistogram.Buckets];
    private long _requests;
    private long _failed;
    private long _refused;

    /// <summary>Counts a request.</summary>
    public void Observe(RequestOutcome outcome, TimeSpan latency)
    {
        if (outcome is RequestOutcome.Failed) Interlocked.Increment(ref _failed);
        else if (outcome is RequestOutcome.Refused) Interlocked.Increment(ref _refused);
        // A request that was not answered says nothing of how long answers take.
        else Interlocked.Increment(ref _latency[LatencyHistogram.BucketOf(latency)]);
        Interlocked.Increment(ref _requests);
    }

    /// <summary>The number of requests.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>The totals.</summary>
    public ArmCounts Read()
    {
        var latency = new long[_latency.Length];
        for (var i = 0; i < latency.Length; i++) latency[i] = Volatile.Read(ref _latency[i]);
        return new ArmCounts(Requests, Volatile.Read(ref _failed), Volatile.Read(ref _refused),
            new LatencyHistogram(ImmutableArray.Create(latency)));
    }
}
