using System.Text;

namespace Gyre.Data.Sources;

/// <summary>What makes a text file unreadable, and where.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Cause">What is wrong there.</param>
internal sealed record TextDefect(long Line, string Cause)
{
    /// <summary>Searches the lines for what the engine refuses without naming a place: other line ends, binary bytes, bad UTF-8.</summary>
    public static TextDefect? Find(SourceFile file)
    {
        using var stream = new BufferedStream(file.OpenText(), 1 << 16);
        var line = new List<byte>();
        var firstIsCrlf = (bool?)null;
        for (var number = 1L; ReadLine(stream, line); number++)
        {
            var bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line);
            if (bytes.Contains((byte)0)) return new TextDefect(number, "binary content, not a CSV file");
            if (!System.Text.Unicode.Utf8.IsValid(bytes)) return new TextDefect(number, "the text is not UTF-8");
            var isCrlf = bytes is [.., (byte)'\r'];
            if (firstIsCrlf is { } first && first != isCrlf && bytes.Length > 0)
                return new TextDefect(number, $"the line ends with {Name(isCrlf)}, the lines before it with {Name(first)}");
            firstIsCrlf ??= isCrlf;
        }

        return null;
    }

    private static string Name(bool isCrlf) => isCrlf ? "CR LF" : "LF";

    private static bool ReadLine(Stream stream, List<byte> line)
    {
        line.Clear();
        int b;
        while ((b = stream.ReadByte()) is not (-1 or '\n')) line.Add((byte)b);
        return b != -1; // a last line without an end has nothing to compare
    }
}
