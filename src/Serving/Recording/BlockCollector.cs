using Gyre.Serving.Storage;

namespace Gyre.Serving.Recording;

/// <summary>Sorts records into blocks, of each version its own. Keeps buffers for the next ones. Not thread-safe.</summary>
internal sealed class BlockCollector : IDisposable
{
    private const int MostKept = 16;
    private const int MostKeptCapacity = 1 << 20;

    private readonly List<BlockWriter> _blocks = [];
    private readonly Stack<BlockWriter> _free = new();

    /// <summary>The blocks, each with a record or more; closed by <see cref="Close"/>.</summary>
    public IReadOnlyList<BlockWriter> Blocks => _blocks;

    /// <summary>The number of records.</summary>
    public int Rows { get; private set; }

    /// <summary>The records' length, in bytes.</summary>
    public long Length { get; private set; }

    /// <summary>Adds a row of a request. When it cannot be written as JSON, nothing is added.</summary>
    public void Add(PredictionBatch batch, int row, InputRedactor? redactor = null)
    {
        var at = batch.RequestedAt.ToUnixTimeMilliseconds();
        var block = Find(batch.Model, batch.Version, batch.Ids[row], at);
        var before = block.Length;
        block.Append(batch, row, at, redactor);
        Length += block.Length - before;
        Rows++;
    }

    /// <summary>Adds a record whose JSON is there already.</summary>
    public void Add(StoredPrediction row)
    {
        Find(row.Model, row.Version, row.Id, row.RequestedAt).Append(row);
        Rows++;
    }

    /// <summary>Makes the blocks' texts whole.</summary>
    public void Close()
    {
        // A record that could not be written may have left its block without any.
        _blocks.RemoveAll(block => block.Rows == 0);
        foreach (var block in _blocks) block.Close();
    }

    /// <summary>Forgets the blocks.</summary>
    public void Clear()
    {
        foreach (var block in _blocks)
        {
            if (_free.Count < MostKept && block.Capacity <= MostKeptCapacity) _free.Push(block);
            else block.Dispose();
        }

        _blocks.Clear();
        (Rows, Length) = (0, 0);
    }

    public void Dispose()
    {
        foreach (var block in _blocks.Concat(_free)) block.Dispose();
    }

    // From the newest: it is nearly always the one, and an old one is most often full.
    private BlockWriter Find(string model, int version, string id, long at)
    {
        for (var i = _blocks.Count - 1; i >= 0; i--)
        {
            var block = _blocks[i];
            if (block.Version == version && block.Model == model && block.Takes(id, at)) return block;
        }

        var added = _free.TryPop(out var free) ? free : new BlockWriter();
        added.Begin(model, version);
        _blocks.Add(added);
        return added;
    }
}
