using System.Runtime.InteropServices;
using Gyre.DuckDb.Native;

namespace Gyre.DuckDb;

/// <summary>An answer that arrives in chunks while the engine works. For one thread at a time.</summary>
public sealed class DuckDbStream : IDisposable
{
    private readonly ResultHandle _result;
    private readonly CancellationTokenRegistration _interrupt;
    private readonly CancellationToken _cancellation;

    internal unsafe DuckDbStream(
        ResultHandle result, CancellationTokenRegistration interrupt, CancellationToken cancellation)
    {
        (_result, _interrupt, _cancellation) = (result, interrupt, cancellation);
        var columns = new DuckDbColumn[NativeMethods.duckdb_column_count(result.Pointer)];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new DuckDbColumn(
                Marshal.PtrToStringUTF8(NativeMethods.duckdb_column_name(result.Pointer, (ulong)i)) ?? "",
                (DuckDbType)NativeMethods.duckdb_column_type(result.Pointer, (ulong)i));
        }

        Columns = columns;
    }

    /// <summary>The columns of the answer.</summary>
    public IReadOnlyList<DuckDbColumn> Columns { get; }

    /// <summary>The next chunk, for the caller to dispose of, or null at the end.</summary>
    /// <exception cref="DuckDbException">The engine failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public unsafe DuckDbChunk? Next()
    {
        _cancellation.ThrowIfCancellationRequested();
        var chunk = NativeMethods.duckdb_fetch_chunk(*_result.Pointer);
        if (chunk != 0) return new DuckDbChunk(new ChunkHandle(chunk), Columns.Count);
        _cancellation.ThrowIfCancellationRequested();
        var error = NativeMethods.duckdb_result_error(_result.Pointer);
        return error == 0 ? null : throw DuckDbException.From(error);
    }

    /// <summary>Drops the rest of the answer.</summary>
    public void Dispose()
    {
        _interrupt.Dispose();
        _result.Dispose();
    }
}
