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

    /// <summary>The values; the buffer must not be used afterwards.</summary>
    public T[] Take()
    {
        if (_values is null) return [];
        if (_values.Length != Count) Array.Resize(ref _values, Count);
        return _values;
    }
}
