using System.Collections.Concurrent;
using Gyre.DuckDb;

namespace Gyre.Data.Sql;

/// <summary>
/// Chunks on their way from the thread that fetches them to the one that converts them, in order. Bounded by values, so that
/// a wide answer does not pile up. One thread adds, one drains.
/// </summary>
internal sealed class ChunkQueue(int columns) : IDisposable
{
    // About 10 MB where values take 8 bytes: the two threads rarely wait for each other, and the memory stays in the cache.
    private const int ColumnChunksAhead = 512;
    private const int MostChunksAhead = 64;

    private readonly BlockingCollection<DuckDbChunk> _chunks = new(Math.Clamp(ColumnChunksAhead / columns, 1, MostChunksAhead));
    private volatile bool _hasFailed;

    /// <summary>Whether the draining thread gave up; what is added then is dropped.</summary>
    public bool HasFailed => _hasFailed;

    /// <summary>Gives a chunk away; waits while the queue is full.</summary>
    public void Add(DuckDbChunk chunk) => _chunks.Add(chunk);

    /// <summary>Says that no more will come.</summary>
    public void Complete() => _chunks.CompleteAdding();

    /// <summary>
    /// Hands each chunk on until <see cref="Complete"/>; whoever takes it disposes of it. After an error the rest is disposed
    /// of here, so that the adding thread never waits for good.
    /// </summary>
    public void Drain(Action<DuckDbChunk> take)
    {
        try
        {
            foreach (var chunk in _chunks.GetConsumingEnumerable()) take(chunk);
        }
        catch (Exception)
        {
            _hasFailed = true;
            foreach (var chunk in _chunks.GetConsumingEnumerable()) chunk.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _chunks.Dispose();
}
