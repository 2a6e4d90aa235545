using System.Diagnostics;

namespace Gyre.Serving.Recording;

/// <summary>
/// Allows so many events a second, and a burst after quiet time. Runs on the machine's own clock: it protects the
/// machine, also while a simulated clock stands still. Thread-safe.
/// </summary>
internal sealed class TokenBucket(double perSecond, double capacity)
{
    private readonly Lock _lock = new();
    private double _used;
    private long _updated = Stopwatch.GetTimestamp();

    /// <summary>Takes a token if there is one.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            _used = Math.Max(0, _used - perSecond * Stopwatch.GetElapsedTime(_updated, now).TotalSeconds);
            _updated = now;
            if (_used + 1 > capacity) return false;
            _used++;
            return true;
        }
    }
}
