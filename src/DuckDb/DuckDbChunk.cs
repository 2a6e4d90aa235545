using Gyre.DuckDb.Native;

namespace Gyre.DuckDb;

/// <summary>Up to 2048 rows of an answer. Its memory is the engine's and is gone after <see cref="Dispose"/>.</summary>
public sealed class DuckDbChunk : IDisposable
{
    private readonly ChunkHandle _handle;
    private readonly int _columns;

    internal DuckDbChunk(ChunkHandle handle, int columns)
    {
        (_handle, _columns) = (handle, columns);
        RowCount = (int)NativeMethods.duckdb_data_chunk_get_size(handle.Value);
    }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The values of a column, valid until the chunk is disposed of.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public unsafe DuckDbVector Vector(int column)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, _columns);
        var vector = NativeMethods.duckdb_data_chunk_get_vector(_handle.Value, (ulong)column);
        return new DuckDbVector(
            NativeMethods.duckdb_vector_get_data(vector), NativeMethods.duckdb_vector_get_validity(vector), 0, RowCount);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
