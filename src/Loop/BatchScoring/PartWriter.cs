using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data;
using Gyre.Tabular;

namespace Gyre.Loop.BatchScoring;

/// <summary>
/// Gathers scored units into parts and journals each part once it is whole on the device: a kill costs some seconds' work at most.
/// For one thread at a time.
/// </summary>
internal sealed class PartWriter(
    string folder, BatchJournal journal, ImmutableArray<WrittenColumn> columns, RefusedRows onError, TimeProvider time)
    : IDisposable
{
    private const long MostRows = 1_000_000;
    private const long MostBytes = 64L << 20;
    private const int ShareOfRun = 50;
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(5);
    private static readonly ImmutableArray<WrittenColumn> _refusal =
        [new WrittenColumn("row", ColumnType.Integer), new WrittenColumn("reason", ColumnType.Text)];

    private readonly long _opened = time.GetTimestamp();
    private readonly List<(long Row, string Reason)> _refused = [];
    private TableWriter? _table;
    private long _rows;
    private long _started;
    private bool _isWhole; // no unit was added in part

    /// <summary>Adds the next unit; writes the part when it is large enough.</summary>
    public void Add(ScoredUnit unit)
    {
        if (_rows == 0) _started = time.GetTimestamp();
        _table ??= new TableWriter(columns);
        _isWhole = false;
        _table.Append(unit.Columns);
        foreach (var (row, reason) in unit.Refused) _refused.Add((unit.FirstRow + row + 1, reason));
        _rows += unit.Rows;
        _isWhole = true;
        if (_rows >= MostRows || _table.Bytes >= MostBytes || time.GetElapsedTime(_started) >= Longest())
            Finish();
    }

    /// <summary>Writes what is gathered, if anything. It takes no token: so little is quicker written than scored again.</summary>
    public void Finish()
    {
        if (_rows == 0 || _table is null || !_isWhole) return;
        var number = journal.Parts.Count.ToString("D6", CultureInfo.InvariantCulture);
        var (file, refusedFile) = ($"{number}.parquet", _refused.Count == 0 ? "" : $"{number}.refused.parquet");
        var path = Path.Combine(folder, file);
        _table.WriteParquet(path, CancellationToken.None);
        if (refusedFile.Length > 0) WriteRefused(Path.Combine(folder, refusedFile));
        journal.Add(new FinishedPart(
            file, new FileInfo(path).Length, _rows, _table.Rows, _table.Bytes, refusedFile,
            refusedFile.Length == 0 ? 0 : new FileInfo(Path.Combine(folder, refusedFile)).Length, _refused.Count, onError));
        var isLarge = _table.Bytes >= MostBytes / 2;
        _table.Dispose();
        _table = null;
        // Texts of finished units lived long enough for the oldest generation, which otherwise grows to a gigabyte first.
        if (isLarge) GC.Collect();
        _refused.Clear();
        _rows = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _table?.Dispose();

    /// <summary>A kill costs a fiftieth of the run, but not less than 0.2 s and not more than 5 s: so parts stay few.</summary>
    private TimeSpan Longest() => TimeSpan.FromTicks(Math.Clamp(
        time.GetElapsedTime(_opened).Ticks / ShareOfRun, _shortest.Ticks, _longest.Ticks));

    private void WriteRefused(string path)
    {
        using var table = new TableWriter(_refusal);
        table.Append(
        [
            new Column<long>("row", ColumnType.Integer, [.. _refused.Select(r => r.Row)]),
            CategoricalColumn.FromValues("reason", ColumnType.Text, _refused.Select(r => r.Reason)),
        ]);
        table.WriteParquet(path, CancellationToken.None);
    }
}
