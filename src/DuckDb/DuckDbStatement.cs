using System.Runtime.InteropServices;
using Gyre.DuckDb.Native;

namespace Gyre.DuckDb;

/// <summary>A column that a statement returns.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
public readonly record struct DuckDbColumn(string Name, DuckDbType Type);

/// <summary>A statement that has been parsed and planned. For one thread at a time.</summary>
public sealed class DuckDbStatement : IDisposable
{
    // DUCKDB_STATEMENT_TYPE_SELECT
    private const int Select = 1;

    private readonly DuckDbConnection _connection;
    private readonly StatementHandle _handle;

    internal DuckDbStatement(DuckDbConnection connection, StatementHandle handle) =>
        (_connection, _handle) = (connection, handle);

    /// <summary>Whether the statement only reads: a SELECT, FROM, VALUES or WITH query.</summary>
    public bool IsSelect => NativeMethods.duckdb_prepared_statement_type(_handle) == Select;

    /// <summary>The columns it will return.</summary>
    public IReadOnlyList<DuckDbColumn> DescribeColumns()
    {
        var columns = new DuckDbColumn[NativeMethods.duckdb_prepared_statement_column_count(_handle)];
        for (var i = 0; i < columns.Length; i++)
        {
            var name = NativeMethods.duckdb_prepared_statement_column_name(_handle, (ulong)i);
            var type = (DuckDbType)NativeMethods.duckdb_prepared_statement_column_type(_handle, (ulong)i);
            columns[i] = new DuckDbColumn(Marshal.PtrToStringUTF8(name) ?? "", type);
            NativeMethods.duckdb_free(name);
        }

        return columns;
    }

    /// <summary>Starts the statement; the answer arrives in chunks while the engine works.</summary>
    /// <exception cref="DuckDbException">The engine refused or failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the statement was interrupted.</exception>
    public unsafe DuckDbStream Stream(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var result = new ResultHandle();
        var interrupt = cancellationToken.Register(_connection.Interrupt);
        var pending = (nint)0;
        try
        {
            if (NativeMethods.duckdb_pending_prepared_streaming(_handle, out pending) != NativeMethods.Success)
                throw DuckDbException.From(NativeMethods.duckdb_pending_error(pending));
            if (NativeMethods.duckdb_execute_pending(pending, result.Pointer) != NativeMethods.Success)
                throw DuckDbException.From(NativeMethods.duckdb_result_error(result.Pointer));
            return new DuckDbStream(result, interrupt, cancellationToken);
        }
        catch (Exception)
        {
            result.Dispose();
            interrupt.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
        finally
        {
            NativeMethods.duckdb_destroy_pending(ref pending);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
