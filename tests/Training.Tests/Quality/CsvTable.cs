using System.Globalization;
using System.IO.Compression;
using System.Text;
using Gyre.Tabular;

namespace Gyre.Training.Tests.Quality;

/// <summary>Reads small, clean CSV files (RFC 4180): a column is numeric when all its values are numbers, else
/// categorical.</summary>
internal static class CsvTable
{
    public static Table Read(string path)
    {
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var header = Fields(reader.ReadLine()!);
        var cells = header.Select(_ => new List<string?>()).ToArray();
        while (reader.ReadLine() is { } line)
        {
            var fields = Fields(line);
            for (var i = 0; i < cells.Length; i++) cells[i].Add(fields[i].Length == 0 ? null : fields[i]);
        }

        return new Table(header.Select((name, i) => ToColumn(name, cells[i])));
    }

    private static Column ToColumn(string name, List<string?> cells)
    {
        var numbers = new double[cells.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (cells[i] is null) numbers[i] = double.NaN;
            else if (!double.TryParse(cells[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
                return CategoricalColumn.FromValues(name, ColumnType.Categorical, cells);
        }

        return new Column<double>(name, ColumnType.Numeric, numbers);
    }

    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"') field.Append(line[i++]);
            else if (line[i] == '"') quoted = !quoted;
            else if (line[i] == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else field.Append(line[i]);
        }

        fields.Add(field.ToString());
        return fields;
    }
}
