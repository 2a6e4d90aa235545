namespace Gyre.Serving.Slots;

/// <summary>
/// A value that several users hold at once and that is disposed when the last has let go. Created held once, by the
/// one who publishes it. Thread-safe.
/// </summary>
internal sealed class Shared<T>(T value) where T : class, IDisposable
{
    private int _holders = 1;

    /// <summary>The value; only while held.</summary>
    public T Value => value;

    /// <summary>Whether it has been disposed.</summary>
    public bool IsGone => Volatile.Read(ref _holders) == 0;

    /// <summary>Holds the value; false when it has been disposed already.</summary>
    public bool TryHold()
    {
        var holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders) return true;
            holders = seen;
        }

        return false;
    }

    /// <summary>Lets go; once per hold.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0) value.Dispose();
    }
}
