using System.Collections.Immutable;
using Gyre.Data.Snapshots;
using Gyre.Data.Sources;
using Gyre.Data.Sql;

namespace Gyre.Data;

/// <summary>Makes one file of Parquet files that follow each other.</summary>
public static class ParquetParts
{
    private const long GroupBytes = 16 << 20;
    private const long WideRow = 512;

    /// <summary>Writes the rows of all parts, in order, to a file that is there whole or not at all; streams them.</summary>
    /// <param name="parts">Parquet files of the same columns, at least one.</param>
    /// <param name="columns">The file's columns, each an SQL expression over the parts' columns.</param>
    /// <param name="path">The file; its format is that of <paramref name="format"/>.</param>
    /// <param name="format">Parquet, Csv (with a header) or JsonLines; text is gzip where the path ends in `.gz`.</param>
    /// <param name="rowBytes">About the bytes that a row takes in memory: row groups of Parquet, which are held while they are
    /// written, have fewer rows when it is large.</param>
    /// <param name="cancellationToken">Interrupts it; the file is not there then.</param>
    /// <exception cref="Primitives.GyreException">The file cannot be written, or a part is damaged.</exception>
    public static void Merge(
        ImmutableArray<string> parts, ImmutableArray<MergedColumn> columns, string path, SourceFormat format,
        long rowBytes, CancellationToken cancellationToken)
    {
        var compression = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? "gzip" : "uncompressed";
        var form = format switch
        {
            SourceFormat.Parquet => $"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {RowGroupOf(rowBytes)}",
            SourceFormat.Csv => $"FORMAT csv, HEADER, COMPRESSION {compression}",
            SourceFormat.JsonLines => $"FORMAT json, COMPRESSION {compression}",
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Parquet, Csv or JsonLines."),
        };
        using var engine = new SqlEngine(new SqlEngineOptions
        {
            MemoryLimitMb = 512,
            Threads = rowBytes > WideRow ? 1 : Environment.ProcessorCount, // each thread holds row groups
        });
        OutputFile.Write(path, temporary => engine.Execute($"""
            COPY (SELECT {MergedColumn.Select(columns)} FROM read_parquet({SqlText.List(parts.Select(SourceFiles.Escape))}))
            TO {SqlText.Literal(temporary)} ({form})
            """, cancellationToken));
    }

    private static long RowGroupOf(long rowBytes) => Math.Clamp(GroupBytes / Math.Max(rowBytes, 1), ParquetFile.SmallestRowGroup, ParquetFile.RowGroupRows);
}

/// <summary>A column of a merged file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sql">What it is, over the parts' columns.</param>
public readonly record struct MergedColumn(string Name, string Sql)
{
    /// <summary>A part's column as it is, or as another type of the engine.</summary>
    public static MergedColumn Of(string part, string name, string? sqlType = null) =>
        new(name, sqlType is null ? SqlText.Name(part) : $"CAST({SqlText.Name(part)} AS {sqlType})");

    /// <summary>A list of parts' columns, or their texts joined by spaces; what is missing is left out.</summary>
    public static MergedColumn ListOf(IEnumerable<string> parts, string name, string sqlType, bool joined)
    {
        var list = $"list_filter([{string.Join(", ", parts.Select(p => $"CAST({SqlText.Name(p)} AS {sqlType})"))}], x -> x IS NOT NULL)";
        return new MergedColumn(name, joined ? $"array_to_string({list}, ' ')" : list);
    }

    internal static string Select(ImmutableArray<MergedColumn> columns) =>
        string.Join(", ", columns.Select(c => $"{c.Sql} AS {SqlText.Name(c.Name)}"));
}
