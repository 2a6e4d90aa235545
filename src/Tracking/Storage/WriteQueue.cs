using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Gyre.Tracking.Storage;

/// <summary>
/// One thread that owns the process's only writing connection.
/// <para>
/// 1. It waits for work, takes the write lock and runs everything that is queued, each item behind a savepoint, until
/// the queue is empty or the batch is full; 2. it commits; 3. only then it completes the callers' tasks. Items that
/// arrive during a commit form the next batch, so that the cost of a commit is shared exactly when it matters.
/// 4. Under unbroken load it lets go of the lock for a moment every <see cref="MaxHold"/>, so that the queue of another
/// process gets its turn.
/// </para>
/// </summary>
internal sealed class WriteQueue : IDisposable
{
    private const int Capacity = 8192;
    private const int MaxBatch = 512;
    private static readonly TimeSpan MaxBatchTime = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxHold = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Release = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(60);

    private readonly Channel<PendingWrite> _channel = Channel.CreateBounded<PendingWrite>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly SqliteConnection _connection;
    private readonly Thread _thread;

    public WriteQueue(ConnectionSource connections)
    {
        _connection = connections.OpenWriter();
        // The queue does its own waiting, in steps of a millisecond; SQLite's grow to 100 ms and would miss the pauses.
        _connection.Execute("PRAGMA busy_timeout = 0");
        _thread = new Thread(Run) { IsBackground = true, Name = "gyre database writer" };
        _thread.Start();
    }

    public async Task<T> EnqueueAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        var write = new PendingWrite<T>(work, cancellationToken);
        try
        {
            await _channel.Writer.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(TrackingDatabase));
        }

        return await write.Task.ConfigureAwait(false);
    }

    /// <summary>How many transactions were committed; to be read while no write is under way.</summary>
    public long Commits { get; private set; }

    public void Dispose()
    {
        if (_channel.Writer.TryComplete()) _thread.Join();
        _connection.Dispose();
    }

    private void Run()
    {
        var batch = new List<PendingWrite>();
        var held = Stopwatch.StartNew();
        var reader = _channel.Reader;
        while (true)
        {
            if (!reader.TryPeek(out _))
            {
                if (!reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult()) return;
                held.Restart();
            }
            else if (held.Elapsed > MaxHold)
            {
                Thread.Sleep(Release);
                held.Restart();
            }

            batch.Clear();
            RunBatch(batch);
        }
    }

    private void RunBatch(List<PendingWrite> batch)
    {
        try
        {
            Begin();
            var clock = Stopwatch.StartNew();
            while (batch.Count < MaxBatch && clock.Elapsed < MaxBatchTime && _channel.Reader.TryRead(out var write))
            {
                if (!write.TryStart()) continue;
                batch.Add(write);
                RunOne(write);
            }

            Execute("COMMIT");
            Commits++;
        }
        catch (Exception ex)
        {
            // Nothing of this batch was acknowledged; when not even BEGIN succeeded, the waiting items learn it too.
            if (sqlite3_get_autocommit(_connection.Handle) == 0) sqlite3_exec(_connection.Handle, "ROLLBACK");
            if (batch.Count == 0)
            {
                while (_channel.Reader.TryRead(out var waiting)) batch.Add(waiting);
            }

            var error = DatabaseErrors.Writing(_connection.DataSource, ex);
            foreach (var write in batch) write.Fail(error);
            return;
        }

        foreach (var write in batch) write.Acknowledge();
    }

    private void RunOne(PendingWrite write)
    {
        Execute("SAVEPOINT item");
        try
        {
            write.Run(_connection);
        }
        catch (Exception ex)
        {
            write.Reject(DatabaseErrors.Writing(_connection.DataSource, ex));
            // A full disk or an I/O error ends the whole transaction: then the batch failed, not only this item.
            if (sqlite3_get_autocommit(_connection.Handle) != 0) throw;
            Execute("ROLLBACK TO item");
        }

        Execute("RELEASE item");
    }

    private void Begin()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var result = sqlite3_exec(_connection.Handle, "BEGIN IMMEDIATE");
            if (result == SQLITE_OK) return;
            if ((result & 0xff) != SQLITE_BUSY || clock.Elapsed > LockPatience) Throw(result);
            Thread.Sleep(1);
        }
    }

    private void Execute(string sql)
    {
        var clock = Stopwatch.StartNew();
        while (sqlite3_exec(_connection.Handle, sql) is var result && result != SQLITE_OK)
        {
            if ((result & 0xff) != SQLITE_BUSY || clock.Elapsed > LockPatience) Throw(result);
            Thread.Sleep(1);
        }
    }

    private void Throw(int result) =>
        throw new SqliteException(sqlite3_errmsg(_connection.Handle).utf8_to_string(), result & 0xff, result);
}
