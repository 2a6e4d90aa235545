using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Gyre.Tracking.Storage;

/// <summary>
/// A claim as an advisory lock that a connection of its own holds: the server lets go of it when the process or its
/// machine is gone, and every node sees it. The connection is looked after every few seconds; should the server
/// restart, the lock is back before long.
/// </summary>
internal sealed class PostgresOwner : IProcessOwner
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);

    private readonly PostgresSource _source;
    private readonly Lock _gate = new();
    private readonly Timer _timer;
    private NpgsqlConnection? _connection;
    private bool _disposed;

    public PostgresOwner(PostgresSource source, TimeProvider time)
    {
        _source = source;
        Id = ProcessOwner.NewId(time);
        _connection = Hold();
        _timer = new Timer(_ => Check(), null, CheckInterval, CheckInterval);
    }

    public string Id { get; }

    public bool IsAlive(string id)
    {
        if (id == Id) return true;
        using var connection = _source.OpenReader();
        return connection.Scalar(
            """
            SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (classid::bigint << 32) | objid::bigint = $1
            """,
            KeyOf(id)) is not null;
    }

    public void Sweep()
    {
        // A lock leaves nothing behind.
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _connection?.Dispose();
        }

        _timer.Dispose();
    }

    /// <summary>
    /// 63 bits of a hash: a claim that no living process makes is taken for another's once in 10^18, and then its run
    /// is only left alone.
    /// </summary>
    private static long KeyOf(string id) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(id))) & long.MaxValue;

    private NpgsqlConnection Hold()
    {
        var connection = _source.OpenWriter();
        try
        {
            // Not pg_advisory_lock: after a restart of the server a dead connection of ours may hold it for a while
            // yet.
            connection.Execute("SELECT pg_try_advisory_lock_shared($1)", KeyOf(Id));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Check()
    {
        if (!_gate.TryEnter()) return; // the check before takes long
        try
        {
            if (_disposed) return;
            if (_connection is not null)
            {
                _connection.Execute("SELECT 1");
                return;
            }

            _connection = Hold();
        }
        catch (Exception ex) when (ex is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            _connection?.Dispose();
            _connection = null; // the next check tries again
        }
        finally
        {
            _gate.Exit();
        }
    }
}
