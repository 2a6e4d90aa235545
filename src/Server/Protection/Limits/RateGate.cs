using Gyre.Server.Protection.Keys;

namespace Gyre.Server.Protection.Limits;

/// <summary>
/// Holds a rate: a full bucket of tokens that refills evenly, kept as the one time at which it would be full again
/// (the generic cell rate algorithm of ITU-T I.371). One atomic exchange per request. Thread-safe.
/// </summary>
internal sealed class RateGate
{
    private readonly TimeProvider _time;
    private readonly long _perCall;
    private readonly long _capacity;
    private long _fullAt;

    public RateGate(RateLimit limit, TimeProvider time)
    {
        _time = time;
        _perCall = Math.Max(1, (long)(limit.Per.TotalSeconds * time.TimestampFrequency / limit.Calls));
        _capacity = _perCall * limit.Calls;
        _fullAt = time.GetTimestamp();
    }

    /// <summary>Takes a token.</summary>
    /// <returns>Zero, or how long to wait for one.</returns>
    public TimeSpan Take()
    {
        var seen = Volatile.Read(ref _fullAt);
        while (true)
        {
            var now = _time.GetTimestamp();
            var next = Math.Max(seen, now) + _perCall;
            if (next - now > _capacity) return _time.GetElapsedTime(now, next - _capacity);
            var before = Interlocked.CompareExchange(ref _fullAt, next, seen);
            if (before == seen) return TimeSpan.Zero;
            seen = before;
        }
    }
}
