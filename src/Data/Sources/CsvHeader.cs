using System.Collections.Immutable;
using System.Text;
using Gyre.Primitives;

namespace Gyre.Data.Sources;

/// <summary>The first line of a CSV file.</summary>
/// <param name="Names">Column names, unique without regard to case; a field without a name becomes `column1` by its position.</param>
/// <param name="Delimiter">Comma, semicolon, tab or bar.</param>
internal sealed record CsvHeader(ImmutableArray<string> Names, char Delimiter)
{
    private const int LongestHeader = 4 << 20;
    private static readonly char[] _delimiters = [',', ';', '\t', '|'];
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the header, after a gzip was found whole.</summary>
    /// <exception cref="GyreException">There is no header, it is no text, names repeat, or no row follows.</exception>
    public static CsvHeader Read(SourceFile file, CancellationToken cancellationToken)
    {
        try
        {
            if (file.IsGzip) GzipCheck.Run(file, cancellationToken);
            using var stream = file.OpenText();
            var (line, hasMore) = ReadRecord(file, stream);
            var header = Parse(file.Path, line);
            return hasMore ? header : throw GyreException.Invalid($"{file.Path}, line 1: only a header, no rows");
        }
        catch (InvalidDataException ex)
        {
            throw GzipCheck.Damaged(file, ex);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw GyreException.Invalid($"{file.Path}: cannot be read: {ex.Message.ReplaceLineEndings(" ")}", ex);
        }
    }

    public bool Equals(CsvHeader? other) =>
        other is not null && Delimiter == other.Delimiter && Names.SequenceEqual(other.Names, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Delimiter, Names.Length, Names[0]);

    private static CsvHeader Parse(string path, ReadOnlySpan<byte> line)
    {
        if (line is [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
            throw GyreException.Invalid($"{path}, line 1: the text is UTF-16, not UTF-8");
        if (line.StartsWith(Encoding.UTF8.Preamble)) line = line[3..];
        if (line.Contains((byte)0)) throw GyreException.Invalid($"{path}, line 1: binary content, not a CSV file");
        string text;
        try
        {
            text = _strictUtf8.GetString(line);
        }
        catch (DecoderFallbackException ex)
        {
            throw GyreException.Invalid($"{path}, line 1: the text is not UTF-8", ex);
        }

        if (text.Any(c => char.IsControl(c) && c is not ('\t' or '\r' or '\n')))
            throw GyreException.Invalid($"{path}, line 1: binary content, not a CSV file");
        if (string.IsNullOrWhiteSpace(text)) throw GyreException.Invalid($"{path}, line 1: there is no header");
        var delimiter = _delimiters.MaxBy(d => CsvLine.Split(text, d).Count);
        ImmutableArray<string> names = 
        [
            .. CsvLine.Split(text, delimiter)
                .Select((name, i) => string.IsNullOrWhiteSpace(name) ? $"column{i + 1}" : name.Trim()),
        ];
        Check(path, names);
        return new CsvHeader(names, delimiter);
    }

    private static void Check(string path, ImmutableArray<string> names)
    {
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < names.Length; i++)
        {
            if (!seen.TryAdd(names[i], i))
                throw GyreException.Invalid($"{path}, line 1: columns {seen[names[i]] + 1} and {i + 1} are both named '{names[i]}'");
        }
    }

    /// <summary>The first record without its line end, and whether anything but line ends follows.</summary>
    private static (byte[] Line, bool HasMore) ReadRecord(SourceFile file, Stream stream)
    {
        var line = new List<byte>();
        var buffer = new byte[1 << 16];
        var (ended, quoted) = (false, false);
        while (stream.Read(buffer) is var read and > 0)
        {
            for (var i = 0; i < read; i++)
            {
                var b = buffer[i];
                if (ended && b is not ((byte)'\n' or (byte)'\r')) return ([.. line], true);
                if (ended) continue;
                quoted ^= b == '"';
                ended = !quoted && b is (byte)'\n' or (byte)'\r';
                if (!ended) line.Add(b);
            }

            if (line.Count > LongestHeader)
                throw GyreException.Invalid($"{file.Path}, line 1: the header does not end within {LongestHeader >> 20} MB");
        }

        return ([.. line], false);
    }
}
