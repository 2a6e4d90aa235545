namespace Gyre.DuckDb;

/// <summary>The values of one column in one chunk, in the engine's memory.</summary>
public readonly unsafe ref struct DuckDbVector
{
    private readonly void* _data;
    private readonly ulong* _validity;
    private readonly int _start;
    private readonly int _length;

    internal DuckDbVector(void* data, ulong* validity, int start, int length)
    {
        _data = data;
        _validity = validity;
        _start = start;
        _length = length;
    }

    /// <summary>Some of its rows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has not as many.</exception>
    public DuckDbVector Slice(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length - start);
        return new DuckDbVector(_data, _validity, _start + start, length);
    }

    /// <summary>True when every row has a value.</summary>
    public bool AllValid => _validity is null;

    /// <summary>One bit per row, lowest first, set where the row has a value; empty when every row has one.</summary>
    /// <exception cref="InvalidOperationException">This is a slice that does not start at a word's first bit.</exception>
    public ReadOnlySpan<ulong> Validity => _validity is null ? default
        : _start % 64 == 0 ? new(_validity + (_start / 64), (_length + 63) / 64)
        : throw new InvalidOperationException("The slice's bits do not start with a word.");

    /// <summary>
    /// The values as they lie in memory, one per row; where a row has none the content is undefined.
    /// <typeparamref name="T"/> must be the type that <see cref="DuckDbType"/> states for the column.
    /// </summary>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged => new((T*)_data + _start, _length);

    /// <summary>Whether the row has a value.</summary>
    public bool IsValid(int row) =>
        _validity is null || (_validity[(_start + row) >> 6] >> ((_start + row) & 63) & 1) != 0;
}
