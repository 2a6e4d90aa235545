using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gyre.Data.Snapshots;
using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.DuckDb;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data;

/// <summary>
/// Keeps snapshots in a folder, each a Parquet file named by its content hash; a file is there whole or not at all.
/// Thread-safe, also across processes: two that take the same snapshot write the same bytes' worth.
/// </summary>
public sealed class SnapshotStore
{
    private readonly string _folder;
    private readonly FileHashIndex _index;

    /// <summary>Creates a store.</summary>
    /// <param name="folder">Where the snapshots lie; created with the first one.</param>
    /// <param name="time">The clock that file times are compared with: the system's, unless a test sets another.</param>
    public SnapshotStore(string folder, TimeProvider time)
    {
        _folder = Path.GetFullPath(folder);
        _index = new FileHashIndex(Path.Combine(_folder, "sources.json"), time);
    }

    /// <summary>How the engine that reads and writes the files works.</summary>
    public SqlEngineOptions EngineOptions { get; init; } = new();

    /// <summary>
    /// Reads the source into a snapshot, or finds the one that the same contents and schema made before. Files whose size
    /// and time did not change are not even hashed again. Rows stand in the source's order, columns in the schema's.
    /// </summary>
    /// <exception cref="GyreException">A file is unreadable or has no row, or no file has a column of the schema.</exception>
    public Task<Snapshot> TakeAsync(SourceDefinition source, Schema schema, CancellationToken cancellationToken) =>
        Task.Run(() => TakeCoreAsync(source, schema, cancellationToken), cancellationToken);

    /// <summary>The snapshot of a hash, or null.</summary>
    public Snapshot? Find(ContentHash hash)
    {
        var path = PathOf(hash);
        if (!File.Exists(path)) return null;
        using var engine = new SqlEngine(EngineOptions);
        return Read(engine, hash, path, reused: true);
    }

    internal static string RejectsOf(string snapshotPath) => Path.ChangeExtension(snapshotPath, ".rejects.parquet");

    private string PathOf(ContentHash hash) => Path.Combine(_folder, $"{hash.Hex}.parquet");

    private async Task<Snapshot> TakeCoreAsync(SourceDefinition source, Schema schema, CancellationToken cancellationToken)
    {
        using var engine = new SqlEngine(EngineOptions);
        var files = SourceFiles.Resolve(engine, source);
        var hashes = await _index.HashAsync(
            [.. files.Select(f => f.Path), .. files.Select(f => f.Labels).OfType<string>()], cancellationToken);
        var hash = HashOf(files, hashes.Hashes, source.Distinct, schema);
        var snapshot = TakeHashed(engine, source, files, hash, schema, cancellationToken);
        // Only now: a source that is refused leaves nothing behind.
        await _index.RememberAsync(hashes, cancellationToken);
        return snapshot;
    }

    private Snapshot TakeHashed(
        SqlEngine engine, SourceDefinition source, ImmutableArray<SourceFile> files, ContentHash hash, Schema schema,
        CancellationToken cancellationToken)
    {
        var path = PathOf(hash);
        if (File.Exists(path) && Read(engine, hash, path, reused: true) is { } found) return found;
        var relation = SourceRelation.Open(engine, files, cancellationToken, schema);
        ImageRelation.Check(engine, relation, schema, cancellationToken);
        if (source.Distinct) relation = relation.Distinct();
        SourceError.Translate(files, () => Write(engine, relation, schema, path, cancellationToken));
        return Read(engine, hash, path, reused: false)
            ?? throw new GyreException(ErrorCode.Unavailable, $"{path}: the snapshot just written cannot be read");
    }

    /// <summary>The snapshot's hash, from those of the files and then of their labels' files.</summary>
    private static ContentHash HashOf(
        ImmutableArray<SourceFile> files, ImmutableArray<ContentHash> hashes, bool distinct, Schema schema)
    {
        // A new meaning of the same files (a parser's change) must give a new hash: raise the number.
        var text = new StringBuilder("gyre-snapshot-1\n");
        for (var i = 0; i < files.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{hashes[i]} {files[i].Format}\n");
        foreach (var label in hashes[files.Length..])
            text.Append(CultureInfo.InvariantCulture, $"labels {label}\n");
        foreach (var name in files.Select(f => f.Name).OfType<string>())
            text.Append(CultureInfo.InvariantCulture, $"file {name}\n");
        if (distinct) text.Append("distinct\n");
        text.Append(SchemaJson.Write(schema));
        return ContentHash.Of(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static bool Write(
        SqlEngine engine, SourceRelation relation, Schema schema, string path, CancellationToken cancellationToken)
    {
        var columns = relation.Columns.ToDictionary(c => c.Name, StringComparer.Ordinal);
        var temporary = DurableFile.TemporaryBeside(path);
        try
        {
            var select = string.Join(", ", schema.Select(c =>
                $"{TypedSql.Value(columns[c.Name], c.Type)} AS {SqlText.Name(c.Name)}"));
            ParquetFile.Write(engine, $"SELECT {select} FROM ({relation.Sql})", temporary,
                new Dictionary<string, string> { [SchemaJson.Key] = SchemaJson.Write(schema) }, cancellationToken, schema.Count);
            if (ParquetFile.CountRows(engine, temporary) == 0)
                throw GyreException.Invalid($"{relation.Files[0].Path}: no rows");
            RejectList.Write(engine, relation, schema, RejectsOf(path), cancellationToken);
            DurableFile.Flush(temporary);
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static Snapshot? Read(SqlEngine engine, ContentHash hash, string path, bool reused)
    {
        try
        {
            var json = engine.QueryText($"""
                SELECT decode(value) FROM parquet_kv_metadata({SqlText.Literal(SourceFiles.Escape(path))})
                WHERE decode(key) = {SqlText.Literal(SchemaJson.Key)}
                """);
            return json is null
                ? null
                : new Snapshot(hash, path, ParquetFile.CountRows(engine, path), SchemaJson.Read(json), reused);
        }
        catch (DuckDbException)
        {
            return null; // damaged from outside: it is taken again
        }
    }
}
