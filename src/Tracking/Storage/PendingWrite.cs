using System.Data.Common;
using System.Threading.Channels;

namespace Gyre.Tracking.Storage;

/// <summary>
/// A unit of work on its way through the <see cref="WriteQueue"/> or to a <see cref="PostgresWriter"/>.
/// </summary>
internal abstract class PendingWrite
{
    /// <summary>False when the caller gave up before the work began; from here on it no longer can.</summary>
    public abstract bool TryStart();

    public abstract void Run(DbConnection connection);

    /// <summary>Remembers that the work itself failed; told to the caller after the commit, as success is.</summary>
    public abstract void Reject(Exception error);

    /// <summary>Tells the caller how the work ended, once the transaction is committed.</summary>
    public abstract void Acknowledge();

    /// <summary>Tells the caller that nothing was committed.</summary>
    public abstract void Fail(Exception error);
}

/// <summary>A unit of work with a result.</summary>
internal sealed class PendingWrite<T>(Func<DbConnection, T> work, CancellationToken cancellationToken) : PendingWrite
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _error;
    private int _decided;

    public Task<T> Task => _completion.Task;

    /// <summary>Queues work, waiting for room, and completes when it is done.</summary>
    /// <exception cref="ObjectDisposedException">The queue is closed.</exception>
    public static async Task<T> EnqueueAsync(
        ChannelWriter<PendingWrite> queue, Func<DbConnection, T> work, CancellationToken cancellationToken)
    {
        var write = new PendingWrite<T>(work, cancellationToken);
        try
        {
            await queue.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(TrackingDatabase));
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static state => ((PendingWrite<T>)state!).Cancel(), write); // the state is the write
        return await write.Task.ConfigureAwait(false);
    }

    public override bool TryStart() => Interlocked.Exchange(ref _decided, 1) == 0;

    /// <summary>
    /// Gives up at once, unless the work has begun: a caller need not wait for the lock to hear that it cancelled.
    /// </summary>
    public void Cancel()
    {
        if (Interlocked.Exchange(ref _decided, 1) == 0) _completion.TrySetCanceled(cancellationToken);
    }

    public override void Run(DbConnection connection) => _result = work(connection); // the last run counts

    public override void Reject(Exception error) => _error = error;

    public override void Acknowledge()
    {
        if (_error is not null) Fail(_error);
        else _completion.TrySetResult(_result!); // set by Run, which ended without an error
    }

    public override void Fail(Exception error)
    {
        if (error is OperationCanceledException) _completion.TrySetCanceled(cancellationToken);
        else _completion.TrySetException(error);
    }
}
