using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data;
using Gyre.Tabular;

namespace Gyre.Loop.BatchScoring;

/// <summary>
/// Gathers scored units into parts and journals each part once it is whole on the device: a kill costs some seconds'
/// work at most. A part is written on a thread of its own while the next one is gathered; two are in memory at most,
/// and they are journaled in their order. For one thread at a time.
/// </summary>
internal sealed class PartWriter(
    string folder, BatchJournal journal, ImmutableArray<WrittenColumn> columns, RefusedRows onError, TimeProvider time)
    : IDisposable
{
    private const long MostRows = 1_000_000;
    private const long MostBytes = 32L << 20;
    private const int ShareOfRun = 50;
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(5);
    private static readonly ImmutableArray<WrittenColumn> _refusal =
        [new WrittenColumn("row", ColumnType.Integer), new WrittenColumn("reason", ColumnType.Text)];

    private readonly long _opened = time.GetTimestamp();
    private List<(long Row, string Reason)> _refused = [];
    private TableWriter? _table;
    private Task<FinishedPart>? _writing;
    private long _rows;
    private long _started;
    private bool _isWhole; // no unit was added in part

    /// <summary>Adds the next unit; hands the part over when it is large enough.</summary>
    public void Add(ScoredUnit unit)
    {
        if (_writing is { IsCompleted: true }) Record();
        if (_rows == 0) _started = time.GetTimestamp();
        _table ??= new TableWriter(columns);
        _isWhole = false;
        _table.Append(unit.Columns);
        foreach (var (row, reason) in unit.Refused) _refused.Add((unit.FirstRow + row + 1, reason));
        _rows += unit.Rows;
        _isWhole = true;
        if (_rows >= MostRows || _table.Bytes >= MostBytes || time.GetElapsedTime(_started) >= Longest())
            HandOver();
    }

    /// <summary>
    /// Writes what is gathered, if anything, and returns when all is journaled. It takes no token: so little is quicker
    /// written than scored again.
    /// </summary>
    public void Finish()
    {
        HandOver();
        Record();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_writing is not null) ((IAsyncResult)_writing).AsyncWaitHandle.WaitOne(); // it uses the folder
        _table?.Dispose();
    }

    private void HandOver()
    {
        Record();
        if (_rows == 0 || _table is null || !_isWhole) return;
        var part = new GatheredPart(journal.Parts.Count, _table, _rows, _refused);
        (_table, _rows, _refused) = (null, 0, []);
        _writing = Task.Factory.StartNew(
            () => Write(part), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    // One that failed is kept, so that none behind it is journaled.
    private void Record()
    {
        if (_writing is null) return;
        journal.Add(_writing.GetAwaiter().GetResult());
        _writing = null;
    }

    private FinishedPart Write(GatheredPart part)
    {
        using var table = part.Table;
        var number = part.Number.ToString("D6", CultureInfo.InvariantCulture);
        var (file, refusedFile) = ($"{number}.parquet", part.Refused.Count == 0 ? "" : $"{number}.refused.parquet");
        var (path, refusedPath) = (Path.Combine(folder, file), Path.Combine(folder, refusedFile));
        table.WriteParquet(path, CancellationToken.None);
        if (refusedFile.Length > 0) WriteRefused(refusedPath, part.Refused);
        var finished = new FinishedPart(
            file, new FileInfo(path).Length, part.Rows, table.Rows, table.Bytes, refusedFile,
            refusedFile.Length == 0 ? 0 : new FileInfo(refusedPath).Length, part.Refused.Count, onError);
        // Texts of finished units lived long enough for the oldest generation, which otherwise grows to a gigabyte first.
        if (table.Bytes >= MostBytes / 2) GC.Collect();
        return finished;
    }

    /// <summary>A kill costs a fiftieth of the run, but not less than 0.2 s and not more than 5 s: so parts stay few.</summary>
    private TimeSpan Longest() => TimeSpan.FromTicks(Math.Clamp(
        time.GetElapsedTime(_opened).Ticks / ShareOfRun, _shortest.Ticks, _longest.Ticks));

    private static void WriteRefused(string path, List<(long Row, string Reason)> refused)
    {
        using var table = new TableWriter(_refusal);
        table.Append(
        [
            new Column<long>("row", ColumnType.Integer, [.. refused.Select(r => r.Row)]),
            CategoricalColumn.FromValues("reason", ColumnType.Text, refused.Select(r => r.Reason)),
        ]);
        table.WriteParquet(path, CancellationToken.None);
    }

    private sealed record GatheredPart(
        int Number, TableWriter Table, long Rows, List<(long Row, string Reason)> Refused);
}
