using Gyre.DuckDb;
using Gyre.Tabular;

namespace Gyre.Data.Sql;

/// <summary>
/// Turns a stream of chunks into columns. The engine decodes a stream almost wholly on the thread that fetches it, so a
/// large answer is converted on a second thread meanwhile; a small one is not worth a thread.
/// </summary>
internal static class TableReader
{
    // Chunks of the answer that the calling thread converts itself before it starts a thread (at most 2048 rows each).
    private const int ChunksAlone = 8;

    public static Table Read(DuckDbStream stream, ColumnPlan[] plan, int expectedRows)
    {
        var readers = Readers(stream, plan, expectedRows);
        if (Environment.ProcessorCount == 1) Append(stream, readers, int.MaxValue);
        else if (Append(stream, readers, ChunksAlone)) AppendBeside(stream, readers);
        return Build(readers);
    }

    /// <summary>The same on the calling thread alone: what <see cref="Read"/> must equal.</summary>
    internal static Table ReadAlone(DuckDbStream stream, ColumnPlan[] plan, int expectedRows)
    {
        var readers = Readers(stream, plan, expectedRows);
        Append(stream, readers, int.MaxValue);
        return Build(readers);
    }

    private static ColumnReader[] Readers(DuckDbStream stream, ColumnPlan[] plan, int expectedRows) =>
        ColumnReader.For(stream.Columns, plan, expectedRows);

    private static Table Build(ColumnReader[] readers) => new(readers.Select(reader => reader.Build()));

    /// <summary>Reads up to so many chunks; false when the stream ended before.</summary>
    private static bool Append(DuckDbStream stream, ColumnReader[] readers, int chunks)
    {
        for (var i = 0; i < chunks; i++)
        {
            if (stream.Next() is not { } chunk) return false;
            Append(chunk, readers);
        }

        return true;
    }

    private static void Append(DuckDbChunk chunk, ColumnReader[] readers)
    {
        using (chunk)
        {
            for (var i = 0; i < readers.Length; i++) readers[i].Append(chunk.Vector(i), chunk.RowCount);
        }
    }

    private static void AppendBeside(DuckDbStream stream, ColumnReader[] readers)
    {
        using var queue = new ChunkQueue(readers.Length);
        // A thread of its own: waiting for one of the pool, on one of the pool, could stall it.
        var converting = Task.Factory.StartNew(
            () => queue.Drain(chunk => Append(chunk, readers)),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            while (!queue.HasFailed && stream.Next() is { } chunk) queue.Add(chunk);
        }
        finally
        {
            queue.Complete();
            ((IAsyncResult)converting).AsyncWaitHandle.WaitOne(); // chunks must not outlive the stream, whatever happened
        }

        converting.GetAwaiter().GetResult();
    }
}
