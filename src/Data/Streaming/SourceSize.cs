using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.Data.Snapshots;

namespace Gyre.Data;

/// <summary>How many rows a source has, without reading it: for a progress display.</summary>
internal static class SourceSize
{
    private const int SampleBytes = 1 << 20;

    public static long? EstimateRows(SqlEngine engine, IEnumerable<SourceFile> files)
    {
        var rows = 0.0;
        foreach (var file in files)
        {
            if (file.Format == SourceFormat.Parquet) rows += ParquetFile.CountRows(engine, file.Path);
            else if (EstimateLines(file) is { } lines) rows += lines;
            else return null;
        }

        return (long)rows;
    }

    /// <summary>The lines of the first megabyte, for as many megabytes as there are; of gzip, of as many as it read for that.</summary>
    private static double? EstimateLines(SourceFile file)
    {
        try
        {
            using var raw = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var text = file.OpenText(raw);
            var sample = new byte[SampleBytes];
            var read = text.ReadAtLeast(sample, sample.Length, throwOnEndOfStream: false);
            var lines = sample.AsSpan(0, read).Count((byte)'\n') - (file.Format == SourceFormat.Csv ? 1 : 0);
            if (read < sample.Length) return Math.Max(lines, 1);
            return Math.Max(lines, 1) * (raw.Length / (double)Math.Max(file.IsGzip ? raw.Position : read, 1));
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null; // the reading itself will say why
        }
    }
}
