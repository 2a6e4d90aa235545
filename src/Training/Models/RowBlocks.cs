namespace Gyre.Training;

/// <summary>Rows in blocks that stay in the near cache, spread over threads.</summary>
internal static class RowBlocks
{
    /// <summary>Does a piece of work for each block.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="blockRows">The most rows of a block.</param>
    /// <param name="threads">The most threads.</param>
    /// <param name="create">Makes the work of one thread, which owns its buffers: first row and number of rows.</param>
    public static void Run(int rows, int blockRows, int threads, Func<Action<int, int>> create)
    {
        var blocks = (rows + blockRows - 1) / blockRows;
        var parts = Math.Clamp(blocks, 1, threads);
        void Part(int part)
        {
            var work = create();
            for (var block = blocks * part / parts; block < blocks * (part + 1) / parts; block++)
                work(block * blockRows, Math.Min(blockRows, rows - (block * blockRows)));
        }

        if (parts <= 1) Part(0);
        else Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, Part);
    }
}
