using Gyre.Server.Protection.Keys;

namespace Gyre.Server.Protection.Limits;

/// <summary>
/// What was used of a quota in the present period: what the store knows of all servers, and what this one has not told
/// it yet. Thread-safe.
/// </summary>
internal sealed class QuotaCount(Quota quota, TimeProvider time)
{
    private readonly Lock _lock = new();
    private DateTimeOffset _start;
    private DateTimeOffset _end; // long ago: the first use finds the present period
    private long _stored;
    private long _untold;

    /// <summary>Counts a request.</summary>
    /// <returns>Zero, or how long to wait for the next period.</returns>
    public TimeSpan Take()
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            Turn(now);
            if (_stored + _untold >= quota.Calls) return _end - now;
            _untold++;
            return TimeSpan.Zero;
        }
    }

    /// <summary>
    /// The present period and what is not stored of it yet, which counts on until <see cref="Stored"/> is told.
    /// </summary>
    public (DateTimeOffset Start, long Count) Untold()
    {
        lock (_lock)
        {
            Turn(time.GetUtcNow());
            return (_start, _untold);
        }
    }

    /// <summary>Takes note of what is stored.</summary>
    /// <param name="start">The period it is of; nothing happens when that is over.</param>
    /// <param name="told">How much of it this server has just added.</param>
    /// <param name="total">How much all servers have used.</param>
    public void Stored(DateTimeOffset start, long told, long total)
    {
        lock (_lock)
        {
            if (start != _start) return;
            _untold -= told;
            _stored = total;
        }
    }

    // What was not told of a period that is over changes nothing any more.
    private void Turn(DateTimeOffset now)
    {
        if (now < _end) return;
        (_start, _stored, _untold) = (quota.StartOf(now), 0, 0);
        _end = quota.EndOf(_start);
    }
}
