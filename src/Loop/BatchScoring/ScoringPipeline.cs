using System.Collections.Concurrent;
using Gyre.Data;

namespace Gyre.Loop.BatchScoring;

/// <summary>
/// One thread reads units, some score them, the caller gets them in order. A few units are on the way at a time, whatever
/// the file's size.
/// </summary>
internal sealed class ScoringPipeline(RowStream rows, IRowScorer scorer, RefusedRows onError, int threads)
{
    /// <summary>Units beside those that are being scored: the reader and the writer do not wait for each other then.</summary>
    private const int UnitsAhead = 2;

    /// <summary>Runs until the rows end, or <paramref name="take"/> fails, or the token is cancelled.</summary>
    public void Run(Action<ScoredUnit> take, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var units = new BlockingCollection<Task<ScoredUnit>>(threads + UnitsAhead);
        var pool = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, threads).ConcurrentScheduler;
        // A thread of its own: the engine decodes the files on the thread that asks for rows.
        var reading = Task.Factory.StartNew(
            () => Read(units, pool, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var unit in units.GetConsumingEnumerable(cancellationToken)) take(unit.GetAwaiter().GetResult());
        }
        finally
        {
            stop.Cancel();
            ((IAsyncResult)reading).AsyncWaitHandle.WaitOne(); // the stream must not be closed under the reader
            while (units.TryTake(out var left)) ((IAsyncResult)left).AsyncWaitHandle.WaitOne();
        }

        cancellationToken.ThrowIfCancellationRequested();
        reading.GetAwaiter().GetResult();
    }

    private void Read(BlockingCollection<Task<ScoredUnit>> units, TaskScheduler pool, CancellationToken cancellationToken)
    {
        try
        {
            while (rows.Read(cancellationToken) is { } unit)
            {
                units.Add(Task.Factory.StartNew(
                    () => ScoredUnit.Of(unit, scorer, onError), CancellationToken.None, TaskCreationOptions.None, pool),
                    cancellationToken);
            }
        }
        finally
        {
            units.CompleteAdding();
        }
    }
}
