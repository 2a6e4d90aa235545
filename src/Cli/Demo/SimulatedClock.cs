namespace Gyre.Cli.Demo;

/// <summary>
/// A clock that the demo sets: dates are simulated, stopwatches and timers run in real time. Thread-safe.
/// </summary>
internal sealed class SimulatedClock(DateTimeOffset start) : TimeProvider
{
    private long _ticks = start.UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    /// <summary>Moves the clock; it never goes back.</summary>
    public void Advance(DateTimeOffset to)
    {
        if (to.UtcTicks > Interlocked.Read(ref _ticks)) Interlocked.Exchange(ref _ticks, to.UtcTicks);
    }
}
