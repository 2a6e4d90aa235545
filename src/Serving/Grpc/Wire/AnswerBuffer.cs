using System.Buffers;

namespace Gyre.Serving.Grpc.Wire;

/// <summary>
/// Gathers one answer in a buffer that is used again; what was written stays changeable until it is sent. Rent, write,
/// dispose. Not thread-safe.
/// </summary>
internal sealed class AnswerBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstLength = 1024;
    private const int LargestKept = 1 << 20;

    // A call needs at most two: its answer, and room for elements on their way into it.
    [ThreadStatic]
    private static AnswerBuffer? _spare;

    [ThreadStatic]
    private static AnswerBuffer? _secondSpare;

    private byte[] _bytes = new byte[FirstLength];
    private int _length;

    private AnswerBuffer()
    {
    }

    /// <summary>What was written.</summary>
    public Span<byte> Written => _bytes.AsSpan(0, _length);

    public static AnswerBuffer Rent()
    {
        var buffer = _spare ?? new AnswerBuffer();
        (_spare, _secondSpare) = (_secondSpare, null);
        buffer._length = 0;
        return buffer;
    }

    /// <summary>Takes back what was written.</summary>
    public void Clear() => _length = 0;

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <summary>Makes a gap of some bytes at a place among those written.</summary>
    public void Insert(int at, int count)
    {
        Reserve(count);
        _bytes.AsSpan(at, _length - at).CopyTo(_bytes.AsSpan(at + count));
        _length += count;
    }

    public void Dispose()
    {
        if (_bytes.Length > LargestKept) return;
        (_spare, _secondSpare) = (this, _spare);
    }

    private void Reserve(int count)
    {
        count = Math.Max(count, 1);
        if (_bytes.Length - _length < count) Array.Resize(ref _bytes, Math.Max(_length + count, 2 * _bytes.Length));
    }
}
