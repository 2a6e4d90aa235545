using System.Data.Common;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Gyre.Tracking.Storage;

/// <summary>
/// One thread that owns the process's only writing connection.
/// <para>
/// 1. It waits for work, takes the write lock and runs everything that is queued until the queue is empty or the batch
/// is full; 2. it commits; 3. only then it completes the callers' tasks. Items that arrive during a commit form the
/// next batch, so that the cost of a commit is shared exactly when it matters. 4. When an item fails, the transaction
/// begins anew without it: those before it run again, and from then on each behind a savepoint of its own. For a
/// savepoint SQLite keeps what the pages were, a sixth of the time of a batch of metrics. 5. Under unbroken load it
/// lets go of the lock for a moment every <see cref="MaxHold"/>, so that the queue of another process gets its turn.
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

    private readonly ConnectionSource _connections;
    private readonly Thread _thread;
    private SqliteConnection? _connection;

    public WriteQueue(ConnectionSource connections)
    {
        _connections = connections;
        _connection = Open();
        _thread = new Thread(Run) { IsBackground = true, Name = "gyre database writer" };
        _thread.Start();
    }

    public Task<T> EnqueueAsync<T>(Func<DbConnection, T> work, CancellationToken cancellationToken) =>
        PendingWrite<T>.EnqueueAsync(_channel.Writer, work, cancellationToken);

    /// <summary>How many transactions were committed; to be read while no write is under way.</summary>
    public long Commits { get; private set; }

    public void Dispose()
    {
        if (_channel.Writer.TryComplete()) _thread.Join();
        Close();
    }

    private SqliteConnection Open()
    {
        var connection = _connections.OpenWriter();
        // The queue does its own waiting, in steps of a millisecond; SQLite's grow to 100 ms and would miss the pauses.
        connection.Execute("PRAGMA busy_timeout = 0");
        WriterStatements.Keep(connection);
        return connection;
    }

    private void Close()
    {
        if (_connection is null) return;
        WriterStatements.Release(_connection);
        _connection.Dispose();
        _connection = null;
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
            var connection = _connection ??= Open();
            Begin(connection);
            var (clock, apart) = (Stopwatch.StartNew(), false);
            while (batch.Count < MaxBatch && clock.Elapsed < MaxBatchTime && _channel.Reader.TryRead(out var write))
            {
                if (!write.TryStart()) continue;
                batch.Add(write);
                if (apart) RunApart(connection, write);
                else if (!TryRun(connection, write))
                {
                    apart = true;
                    Execute(connection, "ROLLBACK");
                    Begin(connection);
                    foreach (var other in batch)
                        if (other != write) RunApart(connection, other);
                }
            }

            Execute(connection, "COMMIT");
            Commits++;
        }
        catch (Exception ex)
        {
            FailBatch(batch, DatabaseErrors.Writing(_connections.Path, ex));
            return;
        }

        foreach (var write in batch) write.Acknowledge();
    }

    /// <summary>
    /// Nothing of the batch was acknowledged. A new connection takes over: closing the old one rolls back, and ends
    /// statements
    /// that careless work left open.
    /// </summary>
    private void FailBatch(List<PendingWrite> batch, Exception error)
    {
        Close();
        if (batch.Count == 0)
        {
            // Not even the lock was to be had: those who wait for it learn it now.
            while (_channel.Reader.TryRead(out var waiting))
            {
                if (waiting.TryStart()) batch.Add(waiting);
            }
        }

        foreach (var write in batch) write.Fail(error);
    }

    private void RunApart(SqliteConnection connection, PendingWrite write)
    {
        Execute(connection, "SAVEPOINT item");
        if (!TryRun(connection, write)) Execute(connection, "ROLLBACK TO item");
        Execute(connection, "RELEASE item");
    }

    /// <summary>False when the work failed; what it changed is still to be undone.</summary>
    private bool TryRun(SqliteConnection connection, PendingWrite write)
    {
        try
        {
            write.Run(connection);
            return true;
        }
        catch (Exception ex)
        {
            write.Reject(DatabaseErrors.Writing(_connections.Path, ex));
            // A full disk or an I/O error ends the whole transaction: then the batch failed, not only this item.
            if (sqlite3_get_autocommit(connection.Handle) != 0) throw;
            return false;
        }
    }

    private static void Begin(SqliteConnection connection)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var result = sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE");
            if (result == SQLITE_OK) return;
            if ((result & 0xff) != SQLITE_BUSY || clock.Elapsed > LockPatience) throw Error(connection, result);
            Thread.Sleep(1);
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        var result = sqlite3_exec(connection.Handle, sql);
        if (result == SQLITE_OK) return;
        var error = Error(connection, result);
        // With the write lock held, BUSY does not come from others.
        throw (result & 0xff) == SQLITE_BUSY
            ? new InvalidOperationException("Work on the database left a statement open.", error)
            : error;
    }

    private static SqliteException Error(SqliteConnection connection, int result) =>
        new(sqlite3_errmsg(connection.Handle).utf8_to_string(), result & 0xff, result);
}
