namespace Gyre.Data.Sql;

/// <summary>
/// An array that grows as chunks arrive; doubling keeps the copying linear, and a right <paramref name="expected"/> number of
/// items saves it.
/// </summary>
internal struct Growing<T>(int expected) where T : unmanaged
{
    private const int FirstCapacity = 2048;

    private T[]? _items;
    private int _count;

    public readonly int Count => _count;

    /// <summary>Room for more items at the end, for the caller to fill wholly.</summary>
    public Span<T> Extend(int items)
    {
        var end = checked(_count + items);
        _items ??= GC.AllocateUninitializedArray<T>(Math.Max(items, Math.Max(expected, FirstCapacity)));
        if (end > _items.Length) Resize((int)Math.Min(Array.MaxLength, Math.Max(end, _items.Length * 2L)));
        var added = _items.AsSpan(_count, items);
        _count = end;
        return added;
    }

    /// <summary>The items, in an array of just their number.</summary>
    public T[] ToArray()
    {
        if (_items is null) return [];
        if (_count != _items.Length) Resize(_count);
        return _items;
    }

    private void Resize(int capacity)
    {
        var grown = GC.AllocateUninitializedArray<T>(capacity);
        _items.AsSpan(0, _count).CopyTo(grown);
        _items = grown;
    }
}

/// <summary>Which rows have no value; nothing is held until the first such row.</summary>
internal struct MissingRows
{
    private Growing<bool> _missing = new(0);
    private bool _any;

    public MissingRows()
    {
    }

    public void Append(DuckDb.DuckDbVector vector, int rowsBefore, int rows)
    {
        if (vector.AllValid && !_any) return;
        if (!_any) _missing.Extend(rowsBefore).Clear();
        _any = true;
        var missing = _missing.Extend(rows);
        for (var i = 0; i < rows; i++) missing[i] = !vector.IsValid(i);
    }

    public bool[]? ToArray() => _any ? _missing.ToArray() : null;
}
