namespace Gyre.Tracking.Rest;

/// <summary>
/// How many bytes of request bodies may be in memory at once. A request that does not fit waits, in turn and unread, so
/// that under overload the network holds the senders back instead of memory growing. Thread-safe.
/// </summary>
/// <param name="total">The bytes; a longer body counts as this many.</param>
internal sealed class BodyBudget(long total)
{
    private readonly Lock _lock = new();
    private readonly Queue<Waiter> _waiting = new();
    private readonly long _total = total;
    private long _free = total;

    /// <summary>Takes a share, waiting until there is room; give it back with <see cref="Release"/>.</summary>
    /// <param name="bytes">The body's length.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The share that was taken.</returns>
    public ValueTask<long> TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        bytes = Math.Min(bytes, _total);
        if (bytes == 0) return new ValueTask<long>(0);
        Waiter waiter;
        lock (_lock)
        {
            if (_waiting.Count == 0 && bytes <= _free)
            {
                _free -= bytes;
                return new ValueTask<long>(bytes);
            }

            waiter = new Waiter(bytes);
            _waiting.Enqueue(waiter);
        }

        return WaitAsync(waiter, cancellationToken);
    }

    public void Release(long bytes)
    {
        if (bytes == 0) return;
        lock (_lock)
        {
            _free += bytes;
            Admit();
        }
    }

    private async ValueTask<long> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((Waiter)state!).TrySetCanceled(token), waiter); // the state is the waiter
        try
        {
            await waiter.Task;
            return waiter.Bytes;
        }
        catch (OperationCanceledException)
        {
            // One that gave up must not stand in the way of those behind it.
            lock (_lock) Admit();
            throw;
        }
    }

    /// <summary>Lets in who is next, as far as there is room; to be called under the lock.</summary>
    private void Admit()
    {
        while (_waiting.TryPeek(out var next) && (next.Task.IsCanceled || next.Bytes <= _free))
        {
            _waiting.Dequeue();
            if (next.TrySetResult()) _free -= next.Bytes;
        }
    }

    private sealed class Waiter(long bytes) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Bytes => bytes;
    }
}
