using System.Collections.Immutable;
using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.DuckDb;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data;

/// <summary>
/// Reads a source from its first row to its last in units of equal size, smaller ones where texts are long, however large it is:
/// no more than a unit is held here, and the engine keeps within its own limit. For one thread at a time.
/// </summary>
public sealed class RowStream : IDisposable
{
    private readonly SqlEngine _engine;
    private readonly DuckDbConnection _connection;
    private readonly DuckDbStatement _statement;
    private readonly RowStreamQuery _query;
    private readonly RowStreamOptions _options;
    private DuckDbStream? _stream;
    private DuckDbChunk? _chunk;
    private int _taken; // rows of the chunk
    private long _row;
    private long _skip;
    private bool _hasEnded;

    private RowStream(SqlEngine engine, SourceRelation relation, RowStreamOptions options)
    {
        (_engine, _options) = (engine, options);
        _query = RowStreamQuery.Of(relation, options);
        Files = [.. relation.Files.Select(SourceFileStamp.Of)];
        Relation = relation;
        _connection = engine.Connect();
        _statement = SourceError.Translate(relation.Files, () => _connection.Prepare(_query.Sql));
    }

    /// <summary>The files as they were when the stream was opened.</summary>
    public ImmutableArray<SourceFileStamp> Files { get; }

    /// <summary>The columns that <see cref="RowStreamOptions.Keep"/> names.</summary>
    public ImmutableArray<KeptColumn> Kept => _query.Kept;

    private SourceRelation Relation { get; }

    /// <summary>Opens a source.</summary>
    /// <param name="source">CSV, Parquet or JSON lines.</param>
    /// <param name="options">What is wanted of it.</param>
    /// <param name="cancellationToken">Stops the look at headers.</param>
    /// <exception cref="GyreException">A file is unreadable, lacks a column, or holds images.</exception>
    public static RowStream Open(SourceDefinition source, RowStreamOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var engine = new SqlEngine(options.Engine);
        try
        {
            var files = SourceFiles.Resolve(engine, source);
            if (files[0].IsImages)
                throw GyreException.Invalid($"{files[0].Path}: images are not read as rows; `gyre submit` scores them");
            return new RowStream(engine, SourceRelation.Open(engine, files, cancellationToken, options.Inputs), options);
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <summary>About how many rows there are; exact for Parquet, null where nothing tells.</summary>
    public long? EstimateRows() => SourceSize.EstimateRows(_engine, Relation.Files);

    /// <summary>Leaves out the first rows; they are read, but not turned into columns.</summary>
    /// <exception cref="InvalidOperationException">Rows were read already.</exception>
    public void SkipTo(long row)
    {
        if (_stream is not null) throw new InvalidOperationException("Rows were read already.");
        _skip = row;
    }

    /// <summary>The next rows: <see cref="RowStreamOptions.UnitRows"/> of them, fewer where texts are long and at the end, null behind it.</summary>
    /// <exception cref="GyreException">The file is damaged: names the line.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public RowUnit? Read(CancellationToken cancellationToken) =>
        SourceError.Translate(Relation.Files, () => ReadUnit(cancellationToken));

    /// <inheritdoc/>
    public void Dispose()
    {
        _chunk?.Dispose();
        _stream?.Dispose();
        _statement.Dispose();
        _connection.Dispose();
        _engine.Dispose();
    }

    private RowUnit? ReadUnit(CancellationToken cancellationToken)
    {
        _stream ??= _statement.Stream(cancellationToken);
        while (_row < _skip && Advance()) Take(_skip - _row);
        if (_row < _skip) return null;
        var first = _row;
        var readers = ColumnReader.For(_stream.Columns, _query.Plan, _options.UnitRows);
        for (var (end, bytes) = (first, 0L); end < first + _options.UnitRows && bytes < _options.UnitBytes;)
        {
            end = Math.Min(end + _options.StepRows, first + _options.UnitRows);
            while (_row < end && Advance()) bytes += Append(Take(end - _row), readers);
            if (_row < end) break;
        }

        return _row == first ? null : _query.UnitOf(first, [.. readers.Select(reader => reader.Build())]);
    }

    /// <summary>Adds rows of the chunk to the columns; returns the bytes of their texts.</summary>
    private long Append((int Start, int Rows) slice, ColumnReader[] readers)
    {
        var bytes = 0L;
        for (var i = 0; i < readers.Length; i++)
        {
            var vector = _chunk!.Vector(i).Slice(slice.Start, slice.Rows); // Advance gave a chunk
            readers[i].Append(vector, slice.Rows);
            if (_stream!.Columns[i].Type == DuckDbType.Varchar) bytes += BytesOf(vector, slice.Rows); // a chunk has a stream
        }

        return bytes;
    }

    private static long BytesOf(DuckDbVector texts, int rows)
    {
        var bytes = 0L;
        var values = texts.Values<DuckDbString>();
        for (var i = 0; i < rows; i++) bytes += texts.IsValid(i) ? values[i].Length : 0;
        return bytes;
    }

    /// <summary>Whether there is a row that is not taken yet.</summary>
    private bool Advance()
    {
        if (_hasEnded || _row >= (_options.Limit ?? long.MaxValue)) return false;
        while (_chunk is null || _taken >= _chunk.RowCount)
        {
            _chunk?.Dispose();
            _chunk = _stream?.Next();
            _taken = 0;
            _hasEnded = _chunk is null; // the engine refuses to be asked again
            if (_hasEnded) return false;
        }

        return true;
    }

    private (int Start, int Rows) Take(long most)
    {
        most = Math.Min(most, (_options.Limit ?? long.MaxValue) - _row);
        var (start, rows) = (_taken, (int)Math.Min(most, (_chunk?.RowCount ?? 0) - _taken));
        _taken += rows;
        _row += rows;
        return (start, rows);
    }
}

/// <summary>What is wanted of a source that is streamed.</summary>
/// <param name="Inputs">The columns to be read as their types.</param>
public sealed record RowStreamOptions(Schema Inputs)
{
    /// <summary>Columns of the file to carry along as they are; null carries all.</summary>
    public ImmutableArray<string>? Keep { get; init; } = [];

    /// <summary>Of <see cref="Inputs"/>, columns that may be absent; they are missing then in every row.</summary>
    public ImmutableArray<string> Optional { get; init; } = [];

    /// <summary>Rows of a unit at most, at least 1; default 8192.</summary>
    public int UnitRows { get; init; } = 8192;

    /// <summary>A unit may end earlier, at multiples of so many of its rows, at least 1; default 1024.</summary>
    public int StepRows { get; init; } = 1024;

    /// <summary>The bytes of text from which on it does; default 16 MiB.</summary>
    public long UnitBytes { get; init; } = 16 << 20;

    /// <summary>The row to stop behind, counted with those skipped; null reads to the end.</summary>
    public long? Limit { get; init; }

    /// <summary>How the engine works.</summary>
    public SqlEngineOptions Engine { get; init; } = new();
}

/// <summary>Rows that follow each other in a source.</summary>
/// <param name="FirstRow">The place of the first, from 0.</param>
/// <param name="Inputs">The columns wanted, typed. A value that does not fit its type is missing.</param>
/// <param name="Kept">The columns carried along, in the order of <see cref="RowStream.Kept"/>.</param>
/// <param name="Faults">Why a row breaks the schema; missing where it does not.</param>
public sealed record RowUnit(long FirstRow, Table Inputs, ImmutableArray<Column> Kept, CategoricalColumn Faults);

/// <summary>A column that is carried along.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">How it is held on the way.</param>
/// <param name="SqlType">Its type in the file, which it is given again when it is written.</param>
public sealed record KeptColumn(string Name, ColumnType Type, string SqlType);

/// <summary>What tells whether a file is still the same.</summary>
/// <param name="Path">Where it lies, absolute.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="ChangedTicks">When it was last changed: ticks of 100 ns, UTC.</param>
public sealed record SourceFileStamp(string Path, long Bytes, long ChangedTicks)
{
    /// <summary>The file as it is now; size 0 when it is gone.</summary>
    public static SourceFileStamp Of(string path)
    {
        var about = new FileInfo(path);
        return new SourceFileStamp(about.FullName, about.Exists ? about.Length : 0, about.LastWriteTimeUtc.Ticks);
    }

    internal static SourceFileStamp Of(SourceFile file) => Of(file.Path);
}
