using Gyre.DuckDb.Native;

namespace Gyre.DuckDb;

/// <summary>
/// A connection. One thread at a time may run statements on it; <see cref="Interrupt"/> may be called from any thread.
/// </summary>
public sealed class DuckDbConnection : IDisposable
{
    private readonly ConnectionHandle _handle;

    internal DuckDbConnection(ConnectionHandle handle) => _handle = handle;

    /// <summary>Runs one or more statements, separated by semicolons, and drops what they return.</summary>
    /// <exception cref="DuckDbException">The engine refused or failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the statement was interrupted.</exception>
    public unsafe void Execute(string sql, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var result = new ResultHandle();
        using var interrupt = cancellationToken.Register(Interrupt);
        if (NativeMethods.duckdb_query(_handle, sql, result.Pointer) == NativeMethods.Success) return;
        cancellationToken.ThrowIfCancellationRequested();
        throw DuckDbException.From(NativeMethods.duckdb_result_error(result.Pointer));
    }

    /// <summary>Parses and plans one statement.</summary>
    /// <exception cref="DuckDbException">The engine refused it.</exception>
    public DuckDbStatement Prepare(string sql)
    {
        var state = NativeMethods.duckdb_prepare(_handle, sql, out var statement);
        if (state == NativeMethods.Success) return new DuckDbStatement(this, new StatementHandle(statement));
        var exception = DuckDbException.From(NativeMethods.duckdb_prepare_error(statement));
        NativeMethods.duckdb_destroy_prepare(ref statement);
        throw exception;
    }

    /// <summary>Runs one query and streams its answer.</summary>
    /// <exception cref="DuckDbException">The engine refused or failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the statement was interrupted.</exception>
    public DuckDbStream Stream(string sql, CancellationToken cancellationToken = default)
    {
        using var statement = Prepare(sql);
        return statement.Stream(cancellationToken);
    }

    /// <summary>Opens a table for rows to be added to, many at a time.</summary>
    /// <param name="table">Its name, in the default schema.</param>
    /// <param name="types">The types of its columns, all of them, in their order.</param>
    /// <exception cref="DuckDbException">There is no such table.</exception>
    public DuckDbAppender Append(string table, IReadOnlyList<DuckDbType> types)
    {
        ArgumentNullException.ThrowIfNull(types);
        var state = NativeMethods.duckdb_appender_create(_handle, schema: null, table, out var appender);
        var handle = new AppenderHandle(appender);
        if (state == NativeMethods.Success) return new DuckDbAppender(handle, types);
        using (handle) throw DuckDbException.From(NativeMethods.duckdb_appender_error(appender));
    }

    /// <summary>Stops the statement that is running, if any; it fails at its next step.</summary>
    public void Interrupt()
    {
        if (!_handle.IsClosed) NativeMethods.duckdb_interrupt(_handle);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
