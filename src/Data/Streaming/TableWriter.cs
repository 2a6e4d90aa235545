using System.Collections.Immutable;
using System.Text;
using Gyre.Data.Snapshots;
using Gyre.Data.Sql;
using Gyre.DuckDb;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data;

/// <summary>Gathers rows in memory and writes them to a file, in their order. For one thread at a time.</summary>
public sealed class TableWriter : IDisposable
{
    private readonly ImmutableArray<WrittenColumn> _columns;
    private readonly SqlEngine _engine;
    private readonly DuckDbConnection _connection;
    private readonly DuckDbAppender _appender;
    private byte[] _text = new byte[256];

    /// <summary>Creates a writer without rows.</summary>
    /// <param name="columns">The columns of the file, at least one; two may not share a name.</param>
    public TableWriter(ImmutableArray<WrittenColumn> columns)
    {
        _columns = columns;
        _engine = new SqlEngine(new SqlEngineOptions { Threads = 1 });
        _connection = _engine.Connect();
        _connection.Execute($"CREATE TABLE part ({string.Join(", ", columns.Select(c => $"{SqlText.Name(c.Name)} {SqlTypes.Of(c.Type)}"))})");
        _appender = _connection.Append("part", [.. columns.Select(c => SqlTypes.NativeOf(c.Type))]);
    }

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    /// <summary>About the bytes that they take in memory.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds rows.</summary>
    /// <param name="columns">As the writer's, by position; their names do not matter.</param>
    public void Append(IReadOnlyList<Column> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfNotEqual(columns.Count, _columns.Length, nameof(columns));
        var rows = columns[0].Length;
        for (var start = 0; start < rows; start += DuckDbAppender.ChunkRows)
        {
            var count = Math.Min(DuckDbAppender.ChunkRows, rows - start);
            for (var i = 0; i < columns.Count; i++) Fill(_appender.Column(i), columns[i], start, count);
            _appender.Append(count);
        }

        Rows += rows;
        Bytes += 8L * rows * columns.Count;
    }

    /// <summary>Writes all rows to a Parquet file, which is there whole or not at all. Nothing can be added after it.</summary>
    /// <exception cref="GyreException">The file cannot be written.</exception>
    public void WriteParquet(string path, CancellationToken cancellationToken)
    {
        _appender.Close();
        OutputFile.Write(path, temporary => _connection.Execute( // read once and then deleted: speed before size
            $"COPY part TO {SqlText.Literal(temporary)} (FORMAT parquet, COMPRESSION snappy)", cancellationToken));
    }

    /// <summary>Copies all rows to a stream as CSV. Nothing can be added after it.</summary>
    /// <param name="output">Gets them.</param>
    /// <param name="columns">Over the writer's columns.</param>
    /// <param name="header">Whether their names come first.</param>
    /// <param name="cancellationToken">Interrupts it.</param>
    public void CopyCsv(Stream output, ImmutableArray<MergedColumn> columns, bool header, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        _appender.Close();
        var path = Path.Combine(Path.GetTempPath(), $"gyre-{Path.GetRandomFileName()}.csv");
        try
        {
            _connection.Execute(
                $"COPY (SELECT {MergedColumn.Select(columns)} FROM part) TO {SqlText.Literal(path)} (FORMAT csv, HEADER {header})",
                cancellationToken);
            using var text = File.OpenRead(path);
            text.CopyTo(output);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _appender.Dispose();
        _connection.Dispose();
        _engine.Dispose();
    }

    private void Fill(DuckDbWritableVector vector, Column column, int start, int count)
    {
        switch (column)
        {
            case Column<double> numbers:
                numbers.Values.Slice(start, count).CopyTo(vector.Values<double>());
                break;
            case Column<long> whole:
                whole.Values.Slice(start, count).CopyTo(vector.Values<long>());
                break;
            case Column<bool> flags:
                flags.Values.Slice(start, count).CopyTo(vector.Values<bool>());
                break;
            case CategoricalColumn text:
                FillText(vector, text, start, count);
                break;
            default:
                throw new ArgumentException($"Column '{column.Name}' of type {column.Type} is not written.", nameof(column));
        }

        if (column.MissingCount > 0) vector.SetMissing(MissingRows(column, start, stackalloc bool[count]));
    }

    private static ReadOnlySpan<bool> MissingRows(Column column, int start, Span<bool> missing)
    {
        for (var i = 0; i < missing.Length; i++) missing[i] = column.IsMissing(start + i);
        return missing;
    }

    private void FillText(DuckDbWritableVector vector, CategoricalColumn column, int start, int count)
    {
        var codes = column.Codes.Slice(start, count);
        var (last, length) = (CategoricalColumn.MissingCode, 0);
        for (var i = 0; i < codes.Length; i++)
        {
            if (codes[i] == CategoricalColumn.MissingCode) continue;
            if (codes[i] != last)
            {
                var text = column.Categories[codes[i]];
                if (_text.Length < Encoding.UTF8.GetMaxByteCount(text.Length))
                    _text = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
                (last, length) = (codes[i], Encoding.UTF8.GetBytes(text, _text));
            }

            vector.SetText(i, _text.AsSpan(0, length));
            Bytes += length;
        }
    }
}

/// <summary>A column that a <see cref="TableWriter"/> writes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type; images are not written.</param>
public readonly record struct WrittenColumn(string Name, ColumnType Type);
