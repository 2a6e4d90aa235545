using System.Data;
using System.Diagnostics;
using Npgsql;

namespace Gyre.Tracking.Storage;

/// <summary>One connection that runs one write after the other. For one thread.</summary>
internal sealed class PostgresWriter(PostgresSource source, int seed) : IDisposable
{
    /// <summary>As long as SQLite's queue waits for its lock.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int LongestPauseMs = 64;
    private readonly Random _random = new(seed);
    private NpgsqlConnection? _connection;

    /// <summary>Runs and commits a write and tells its caller. True when it was committed.</summary>
    public bool Write(PendingWrite write)
    {
        var clock = Stopwatch.StartNew();
        for (var attempt = 1; ; attempt++)
        {
            if (TryWrite(write) is not { } failure)
            {
                write.Acknowledge();
                return true;
            }

            if (!MayRunAgain(failure, attempt) || clock.Elapsed > Patience)
            {
                var address = source.Address.ToString();
                write.Fail(failure.Stage == Stage.Opening
                    ? DatabaseErrors.Unreachable(address, failure.Cause)
                    : DatabaseErrors.Writing(address, failure.Cause));
                return false;
            }

            Thread.Sleep(_random.Next(Math.Min(1 << Math.Min(attempt, 10), LongestPauseMs)));
        }
    }

    public void Dispose() => _connection?.Dispose();

    private Failure? TryWrite(PendingWrite write)
    {
        var stage = Stage.Opening;
        NpgsqlTransaction? transaction = null;
        try
        {
            _connection ??= source.OpenWriter();
            stage = Stage.Working;
            transaction = _connection.BeginTransaction(IsolationLevel.Serializable);
            write.Run(_connection);
            stage = Stage.Committing;
            transaction.Commit();
            return null;
        }
        catch (Exception ex)
        {
            RollBack(transaction);
            return new Failure(ex, stage);
        }
        finally
        {
            transaction?.Dispose();
        }
    }

    /// <summary>
    /// Rolls back; where that is not possible (the connection broke, work left a reader open) the connection goes.
    /// </summary>
    private void RollBack(NpgsqlTransaction? transaction)
    {
        try
        {
            if (transaction is not null && _connection is { FullState: ConnectionState.Open })
            {
                transaction.Rollback();
                return;
            }
        }
        catch (Exception ex) when (ex is NpgsqlException or InvalidOperationException)
        {
            // The server undoes what a closed connection left.
        }

        _connection?.Dispose();
        _connection = null;
    }

    /// <summary>
    /// Whether the write had no effect and may have one the next time. A unique key that is taken may have been taken
    /// after the work looked: it looks again, once or twice, and says so in its own words. A connection that broke
    /// before the commit was the server's or the network's, most often while it idled; after it, nobody knows.
    /// </summary>
    private static bool MayRunAgain(Failure failure, int attempt) => failure.Cause switch
    {
        PostgresException
        {
            SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
        } => true,
        PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable
            or PostgresErrorCodes.DuplicateObject,
        } => attempt <= 2,
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } =>
            failure.Stage != Stage.Committing && attempt <= 2,
        NpgsqlException { InnerException: IOException } => failure.Stage != Stage.Committing && attempt <= 2,
        _ => false,
    };

    private enum Stage
    {
        Opening,
        Working,
        Committing,
    }

    private readonly record struct Failure(Exception Cause, Stage Stage);
}
