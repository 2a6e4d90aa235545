using System.Globalization;
using Gyre.Data.Sources;
using Gyre.Data.Sql;

namespace Gyre.Data.Snapshots;

/// <summary>Writes and counts Parquet files.</summary>
internal static class ParquetFile
{
    // A row group is held in memory while it is written: with many columns it must have fewer rows.
    public const int RowGroupRows = 122_880;
    private const int RowGroupCells = 8_000_000;
    public const int SmallestRowGroup = 2048;

    public static void Write(
        SqlEngine engine, string query, string path, IReadOnlyDictionary<string, string> metadata,
        CancellationToken cancellationToken, int columns = 1)
    {
        var rows = Math.Clamp(RowGroupCells / columns, SmallestRowGroup, RowGroupRows);
        var pairs = string.Join(", ", metadata.Select(pair => $"{pair.Key}: {SqlText.Literal(pair.Value)}"));
        var footer = metadata.Count == 0 ? "" : $", KV_METADATA {{{pairs}}}";
        engine.Execute(
            $"COPY ({query}) TO {SqlText.Literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {rows}{footer})",
            cancellationToken);
    }

    public static long CountRows(SqlEngine engine, string path) => long.Parse(
        engine.QueryText($"SELECT count(*) FROM read_parquet({SqlText.Literal(SourceFiles.Escape(path))})") ?? "0",
        CultureInfo.InvariantCulture);
}
