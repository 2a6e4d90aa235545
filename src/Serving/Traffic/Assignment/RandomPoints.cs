namespace Gyre.Serving.Traffic.Assignment;

/// <summary>
/// Places in [0, 1) for requests without a key: SplitMix64 (Steele, Lea and Flood 2014) over a counter, so that threads
/// share it without a lock. The same seed gives the same places in the same order. Thread-safe.
/// </summary>
internal sealed class RandomPoints(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next place.</summary>
    public double Next()
    {
        var z = Interlocked.Add(ref _state, 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return KeyPoints.ToPoint(z ^ (z >> 31));
    }
}
