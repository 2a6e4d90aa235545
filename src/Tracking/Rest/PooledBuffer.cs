using System.Buffers;

namespace Gyre.Tracking.Rest;

/// <summary>
/// A growing buffer out of the shared pool; dispose it to give the memory back. For one thread at a time.
/// </summary>
internal sealed class PooledBuffer(int capacity) : IBufferWriter<byte>, IDisposable
{
    private const int LongestKept = 256 << 10;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsSpan(Length);
    }

    public void Dispose()
    {
        Return();
        _bytes = [];
        Length = 0;
    }

    /// <summary>
    /// The pool keeps arrays for each thread; a few long ones in each would be the memory of the process.
    /// </summary>
    private void Return()
    {
        if (_bytes.Length is > 0 and <= LongestKept) ArrayPool<byte>.Shared.Return(_bytes);
    }

    private void Ensure(int sizeHint)
    {
        var needed = Length + Math.Max(sizeHint, 1);
        if (needed <= _bytes.Length) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * _bytes.Length));
        Written.Span.CopyTo(larger);
        Return();
        _bytes = larger;
    }
}
