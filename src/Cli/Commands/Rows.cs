using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gyre.Data;
using Gyre.Tabular;

namespace Gyre.Cli.Commands;

/// <summary>Rows of a file as JSON objects, for the client commands.</summary>
internal static class Rows
{
    /// <summary>Reads a CSV, Parquet or JSON lines file; missing values are null, timestamps ISO 8601.</summary>
    public static IEnumerable<JsonObject> Read(string path, int? limit = null)
    {
        var table = SourceReader.Read(new SourceDefinition([Path.GetFullPath(path)]), limit, CancellationToken.None);
        for (var row = 0; row < table.RowCount; row++)
        {
            var values = new JsonObject();
            foreach (var column in table.Columns) values[column.Name] = Value(column, row);
            yield return values;
        }
    }

    private static JsonValue? Value(Column column, int row) => column.ValueAt(row) switch
    {
        null => null,
        long micros when column.Type == ColumnType.Timestamp =>
            JsonValue.Create(DateTimeOffset.UnixEpoch.AddMicroseconds(micros).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFZ")),
        long whole => JsonValue.Create(whole),
        double number => JsonValue.Create(number),
        bool flag => JsonValue.Create(flag),
        var other => JsonValue.Create(other.ToString()),
    };
}
