using System.IO.Compression;
using System.Text;

namespace Gyre.Fixtures;

/// <summary>Reads a CSV file (RFC 4180, also gzip): the cells of a column by its name, row by row.</summary>
internal static class CsvFile
{
    public static Dictionary<string, string[]> Read(string path)
    {
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var rows = Rows(reader.ReadToEnd()).ToArray();
        return rows[0].Select((name, i) => (name, Cells: rows.Skip(1).Select(row => row[i]).ToArray()))
            .ToDictionary(column => column.name, column => column.Cells);
    }

    private static IEnumerable<string[]> Rows(string text)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c != '"') cell.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[i++]);
                else quoted = false;
            }
            else if (c == '"') quoted = true;
            else if (c is ',' or '\n')
            {
                cells.Add(cell.ToString());
                cell.Clear();
                if (c == ',') continue;
                yield return [.. cells];
                cells.Clear();
            }
            else if (c != '\r') cell.Append(c);
        }

        if (cells.Count > 0) yield return [.. cells, cell.ToString()];
    }
}
