using System.Globalization;
using System.Text.Json.Nodes;
using Gyre.Data;
using Gyre.Tabular;

namespace Gyre.Cli.Commands;

/// <summary>Rows of a file as JSON objects, for the client commands.</summary>
internal static class Rows
{
    /// <summary>
    /// Reads a CSV, Parquet or JSON lines file. Missing values are null; text becomes a number where
    /// <paramref name="isNumber"/> says that the column is one and the text can be read so.
    /// </summary>
    public static IEnumerable<JsonObject> Read(string path, int? limit, Func<string, bool> isNumber)
    {
        var table = SourceReader.Read(new SourceDefinition([Path.GetFullPath(path)]), limit, CancellationToken.None);
        for (var row = 0; row < table.RowCount; row++)
        {
            var values = new JsonObject();
            foreach (var column in table.Columns) values[column.Name] = Value(column, row, isNumber);
            yield return values;
        }
    }

    private static JsonValue? Value(Column column, int row, Func<string, bool> isNumber) => column.ValueAt(row) switch
    {
        null => null,
        long micros when column.Type == ColumnType.Timestamp => JsonValue.Create(DateTimeOffset.UnixEpoch.AddMicroseconds(micros)
            .ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFZ", CultureInfo.InvariantCulture)),
        long whole => JsonValue.Create(whole),
        double number => JsonValue.Create(number),
        bool flag => JsonValue.Create(flag),
        string text when isNumber(column.Name) => Number(text),
        var other => JsonValue.Create(other.ToString()),
    };

    // What is no number is sent as it is: the server's refusal names the column.
    private static JsonValue Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? JsonValue.Create(whole)
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? JsonValue.Create(number)
            : JsonValue.Create(text);
}
