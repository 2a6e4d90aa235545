using Gyre.DuckDb.Native;

namespace Gyre.DuckDb;

/// <summary>
/// Adds rows to a table, a chunk at a time: fill the columns' vectors, then <see cref="Append"/>. Rows are in the table after
/// <see cref="Close"/>. For one thread at a time.
/// </summary>
public sealed unsafe class DuckDbAppender : IDisposable
{
    private readonly AppenderHandle _appender;
    private readonly ChunkHandle _chunk;
    private readonly int _columns;

    internal DuckDbAppender(AppenderHandle appender, IReadOnlyList<DuckDbType> types)
    {
        (_appender, _columns) = (appender, types.Count);
        var logical = types.Select(type => NativeMethods.duckdb_create_logical_type((int)type)).ToArray();
        fixed (nint* first = logical) _chunk = new ChunkHandle(NativeMethods.duckdb_create_data_chunk(first, (ulong)_columns));
        for (var i = 0; i < logical.Length; i++) NativeMethods.duckdb_destroy_logical_type(ref logical[i]);
    }

    /// <summary>The most rows of a chunk.</summary>
    public static int ChunkRows { get; } = (int)NativeMethods.duckdb_vector_size();

    /// <summary>A column of the chunk to fill; every row has a value until it is said to be missing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public DuckDbWritableVector Column(int column)
    {
        ObjectDisposedException.ThrowIf(_chunk.IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, _columns);
        return new DuckDbWritableVector(
            NativeMethods.duckdb_data_chunk_get_vector(_chunk.Value, (ulong)column), ChunkRows);
    }

    /// <summary>Adds the chunk's first rows to the table and empties the chunk.</summary>
    /// <param name="rows">At most <see cref="ChunkRows"/>.</param>
    /// <exception cref="DuckDbException">The engine refused them.</exception>
    public void Append(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, ChunkRows);
        NativeMethods.duckdb_data_chunk_set_size(_chunk.Value, (ulong)rows);
        Require(NativeMethods.duckdb_append_data_chunk(_appender.Value, _chunk.Value));
        NativeMethods.duckdb_data_chunk_reset(_chunk.Value);
    }

    /// <summary>Puts all rows into the table; nothing can be added after it.</summary>
    /// <exception cref="DuckDbException">The engine refused them.</exception>
    public void Close() => Require(NativeMethods.duckdb_appender_close(_appender.Value));

    /// <inheritdoc/>
    public void Dispose()
    {
        _chunk.Dispose();
        _appender.Dispose();
    }

    private void Require(int state)
    {
        if (state != NativeMethods.Success) throw DuckDbException.From(NativeMethods.duckdb_appender_error(_appender.Value));
    }
}

/// <summary>The values of one column of a chunk that is being filled, in the engine's memory.</summary>
public readonly unsafe ref struct DuckDbWritableVector
{
    private readonly nint _vector;
    private readonly int _length;

    internal DuckDbWritableVector(nint vector, int length) => (_vector, _length) = (vector, length);

    /// <summary>Room for the values, one per row, of the type that the column has; not for text.</summary>
    public Span<T> Values<T>() where T : unmanaged => new(NativeMethods.duckdb_vector_get_data(_vector), _length);

    /// <summary>Says that rows have no value.</summary>
    /// <param name="missing">One per row from the first on; true where there is no value.</param>
    public void SetMissing(ReadOnlySpan<bool> missing)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(missing.Length, _length, nameof(missing));
        NativeMethods.duckdb_vector_ensure_validity_writable(_vector);
        var words = NativeMethods.duckdb_vector_get_validity(_vector);
        for (var i = 0; i < missing.Length; i++)
        {
            if (missing[i]) words[i >> 6] &= ~(1UL << (i & 63));
        }
    }

    /// <summary>Sets a row's text, which the engine copies.</summary>
    /// <param name="row">The row.</param>
    /// <param name="utf8">Its bytes: UTF-8 without fault.</param>
    public void SetText(int row, ReadOnlySpan<byte> utf8)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)_length, nameof(row));
        fixed (byte* text = utf8)
            NativeMethods.duckdb_vector_assign_string_element_len(_vector, (ulong)row, text, (ulong)utf8.Length);
    }
}
