using System.Globalization;
using System.Text.Json;
using Gyre.Tabular;

namespace Gyre.Models.Packaging;

/// <summary>Rows as MLflow keeps them beside a model: pandas' "split" form.</summary>
internal static class InputExample
{
    public const string FileName = "input_example.json";

    public const string ServingFileName = "serving_input_example.json";

    /// <summary>`{"columns": […], "data": [[…]]}`; missing is null, times are ISO 8601.</summary>
    public static byte[] Split(Table table) => Write(table, (_, body) => body());

    /// <summary>The body of a scoring request: the same under `dataframe_split`.</summary>
    public static byte[] Serving(Table table) => Write(table, (writer, body) =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName("dataframe_split");
        body();
        writer.WriteEndObject();
    });

    private static byte[] Write(Table table, Action<Utf8JsonWriter, Action> wrap)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) wrap(writer, () => WriteSplit(writer, table));
        return buffer.ToArray();
    }

    private static void WriteSplit(Utf8JsonWriter writer, Table table)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("columns");
        foreach (var column in table.Columns) writer.WriteStringValue(column.Name);
        writer.WriteEndArray();
        writer.WriteStartArray("data");
        for (var row = 0; row < table.RowCount; row++)
        {
            writer.WriteStartArray();
            foreach (var column in table.Columns) WriteValue(writer, column, row);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, Column column, int row)
    {
        switch (column.ValueAt(row))
        {
            case double number when double.IsFinite(number): writer.WriteNumberValue(number); break;
            case long micros when column.Type == ColumnType.Timestamp:
                writer.WriteStringValue(DateTime.UnixEpoch.AddTicks(micros * 10)
                    .ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture));
                break;
            case long whole: writer.WriteNumberValue(whole); break;
            case bool truth: writer.WriteBooleanValue(truth); break;
            case string text: writer.WriteStringValue(text); break;
            default: writer.WriteNullValue(); break;
        }
    }
}
