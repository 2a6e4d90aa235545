namespace Gyre.Serving.Requests;

/// <summary>Values that arrive one by one and leave as an array; one row, the usual request, is never copied.</summary>
internal struct ValueBuffer<T>
{
    private T[]? _values;

    /// <summary>How many values arrived.</summary>
    public int Count { get; private set; }

    public void Add(T value)
    {
        if (_values is null) _values = new T[1];
        else if (Count == _values.Length) Array.Resize(ref _values, Math.Max(16, Count * 2));
        _values[Count++] = value;
    }

    /// <summary>The values; the buffer is empty afterwards.</summary>
    public T[] Take()
    {
        if (_values is not { } values) return [];
        if (values.Length != Count) Array.Resize(ref values, Count);
        (_values, Count) = (null, 0);
        return values;
    }
}
