using Gyre.Data;

namespace Gyre.Loop.BatchScoring;

/// <summary>Tells how far a run is, with its speed.</summary>
internal sealed class BatchProgress(IProgress<LoopEvent>? progress, RowStream rows, long resumed, TimeProvider time)
{
    private readonly long? _total = progress is null ? null : rows.EstimateRows();
    private readonly long _start = time.GetTimestamp();
    private long _told = -1;

    /// <summary>Reports rows that are safe, once.</summary>
    public void Report(long done)
    {
        if (progress is null || done == _told) return;
        _told = done;
        var seconds = time.GetElapsedTime(_start).TotalSeconds;
        progress.Report(new RowsScored(done, _total, (done - resumed) / Math.Max(seconds, 1e-9)));
    }
}
