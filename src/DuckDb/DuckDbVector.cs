namespace Gyre.DuckDb;

/// <summary>The values of one column in one chunk, in the engine's memory.</summary>
public readonly unsafe ref struct DuckDbVector
{
    private readonly void* _data;
    private readonly ulong* _validity;
    private readonly int _length;

    internal DuckDbVector(void* data, ulong* validity, int length)
    {
        _data = data;
        _validity = validity;
        _length = length;
    }

    /// <summary>True when every row has a value.</summary>
    public bool AllValid => _validity is null;

    /// <summary>One bit per row, lowest first, set where the row has a value; empty when every row has one.</summary>
    public ReadOnlySpan<ulong> Validity => _validity is null ? default : new(_validity, (_length + 63) / 64);

    /// <summary>
    /// The values as they lie in memory, one per row; where a row has none the content is undefined.
    /// <typeparamref name="T"/> must be the type that <see cref="DuckDbType"/> states for the column.
    /// </summary>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged => new(_data, _length);

    /// <summary>Whether the row has a value.</summary>
    public bool IsValid(int row) => _validity is null || (_validity[row >> 6] >> (row & 63) & 1) != 0;
}
