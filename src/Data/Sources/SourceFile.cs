using System.IO.Compression;
using Gyre.Primitives;

namespace Gyre.Data.Sources;

/// <summary>One file of a source.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Format">Csv, Parquet or JsonLines.</param>
/// <param name="IsGzip">Whether its first bytes say gzip.</param>
internal sealed record SourceFile(string Path, SourceFormat Format, bool IsGzip)
{
    /// <summary>The class of a PNG image: its folder's name.</summary>
    public string? Class { get; init; }

    /// <summary>A PNG image's path within the folder.</summary>
    public string? Name { get; init; }

    /// <summary>The file of an IDX file's labels.</summary>
    public string? Labels { get; init; }

    /// <summary>Whether it holds images.</summary>
    public bool IsImages => Format is SourceFormat.Png or SourceFormat.Idx;

    /// <summary>Looks at a file's first bytes.</summary>
    /// <exception cref="GyreException">It is absent, unreadable, a folder, or empty.</exception>
    public static SourceFile Open(string path, SourceFormat format)
    {
        if (Directory.Exists(path)) throw GyreException.Invalid($"{path}: is a folder; name files or a glob such as {System.IO.Path.Combine(path, "*.csv")}");
        Span<byte> start = stackalloc byte[64];
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }
        catch (Exception ex) when (ex is FileNotFoundException or DirectoryNotFoundException)
        {
            throw GyreException.Invalid($"{path}: no such file", ex);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw GyreException.Invalid($"{path}: cannot be read: {ex.Message.ReplaceLineEndings(" ")}", ex);
        }

        if (start.Length == 0) throw GyreException.Invalid($"{path}: the file is empty");
        var isGzip = start is [0x1f, 0x8b, ..];
        if (format == SourceFormat.Auto) format = FormatOf(path, start);
        if (isGzip && format == SourceFormat.Parquet)
            throw GyreException.Invalid($"{path}: Parquet must not be wrapped in gzip");
        return new SourceFile(path, format, isGzip);
    }

    /// <summary>The text of a CSV or JSON lines file, inflated.</summary>
    public Stream OpenText() => OpenText(new FileStream(
        Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan));

    /// <summary>The text of its bytes, which are closed with it.</summary>
    public Stream OpenText(FileStream file) => IsGzip ? new GZipStream(file, CompressionMode.Decompress) : file;

    private static SourceFormat FormatOf(string path, ReadOnlySpan<byte> start)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return System.IO.Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".csv" or ".tsv" or ".txt" => SourceFormat.Csv,
            ".parquet" or ".pq" => SourceFormat.Parquet,
            ".png" => SourceFormat.Png,
            ".idx" => SourceFormat.Idx,
            _ when System.IO.Path.GetFileName(name) is var file && file.Contains("idx", StringComparison.Ordinal)
                && file.EndsWith("ubyte", StringComparison.Ordinal) => SourceFormat.Idx,
            ".jsonl" or ".ndjson" or ".json" => SourceFormat.JsonLines,
            _ when start.StartsWith("\0\0\b"u8) => SourceFormat.Idx,
            _ when start.StartsWith("PAR1"u8) => SourceFormat.Parquet,
            _ when start.TrimStart(" \t\r\n"u8).StartsWith("{"u8) => SourceFormat.JsonLines,
            _ => SourceFormat.Csv,
        };
    }
}
