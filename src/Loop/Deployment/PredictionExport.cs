using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Gyre.Data;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Loop.Deployment;

/// <summary>
/// Writes recorded predictions as a Parquet file: <c>prediction_id, model, version, requested_at, row_index, latency_us,
/// actual</c>, a column per input, and the output's parts: <c>prediction</c>, or <c>label</c> and
/// <c>probabilities.CLASS</c>, or what else the model says. An input that is called like another column is
/// <c>input.NAME</c>. A column whose values are not all numbers, or all true and false, is text.
/// <para>
/// 1. The records pass one by one into a temporary file of JSON lines beside the target, while the columns are found;
/// 2. DuckDB turns it into Parquet. Neither holds more than a part in memory.
/// </para>
/// </summary>
public static class PredictionExport
{
    private static readonly string[] Fixed =
        ["prediction_id", "model", "version", "requested_at", "row_index", "latency_us", "actual"];

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="connection">A connection to the log's database.</param>
    /// <param name="filter">Which predictions.</param>
    /// <param name="schema">Says which inputs are times; null when nothing is known of them.</param>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="cancellationToken">Stops and leaves nothing.</param>
    /// <returns>The number of predictions.</returns>
    public static long Write(
        DbConnection connection, PredictionFilter filter, Schema? schema, string path, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is { } folder && !Directory.Exists(folder))
            throw GyreException.NotFound($"{folder}: there is no such folder");
        var lines = DurableFile.TemporaryBeside(full + ".jsonl");
        var parquet = DurableFile.TemporaryBeside(full);
        try
        {
            var columns = new ExportColumns();
            var rows = WriteLines(connection, filter, columns, lines, cancellationToken); // 1
            using (var engine = new SqlEngine()) engine.Execute(Sql(columns, schema, lines, parquet), cancellationToken); // 2
            DurableFile.Flush(parquet);
            File.Move(parquet, full, overwrite: true);
            return rows;
        }
        finally
        {
            File.Delete(lines);
            File.Delete(parquet);
        }
    }

    private static long WriteLines(
        DbConnection connection, PredictionFilter filter, ExportColumns columns, string path,
        CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        using var json = new Utf8JsonWriter(file);
        var rows = 0L;
        foreach (var record in PredictionRecords.Read(connection, filter))
        {
            cancellationToken.ThrowIfCancellationRequested();
            WriteRecord(json, record, columns);
            json.Flush();
            file.WriteByte((byte)'\n');
            json.Reset();
            rows++;
        }

        return rows;
    }

    private static void WriteRecord(Utf8JsonWriter json, RecordedPrediction record, ExportColumns columns)
    {
        json.WriteStartObject();
        json.WriteString("prediction_id", record.Id);
        json.WriteString("model", record.Model);
        json.WriteNumber("version", record.Version);
        json.WriteNumber("requested_at", record.RequestedAt.ToUnixTimeMilliseconds());
        json.WriteNumber("row_index", record.RowIndex);
        json.WriteNumber("latency_us", record.LatencyMicroseconds);
        if (record.Actual is { } actual)
        {
            using var value = JsonDocument.Parse(actual);
            columns.Write(json, isOutput: true, "actual", value.RootElement);
        }

        using (var inputs = JsonDocument.Parse(record.Inputs))
        {
            foreach (var input in inputs.RootElement.EnumerateObject())
                columns.Write(json, isOutput: false, input.Name, input.Value);
        }

        using (var output = JsonDocument.Parse(record.Output)) WriteOutput(json, output.RootElement, columns);
        json.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter json, JsonElement output, ExportColumns columns)
    {
        if (output.ValueKind != JsonValueKind.Object)
        {
            columns.Write(json, isOutput: true, "prediction", output);
            return;
        }

        foreach (var part in output.EnumerateObject())
        {
            if (part.Value.ValueKind != JsonValueKind.Object)
            {
                columns.Write(json, isOutput: true, part.Name, part.Value);
                continue;
            }

            foreach (var item in part.Value.EnumerateObject())
                columns.Write(json, isOutput: true, $"{part.Name}.{item.Name}", item.Value);
        }
    }

    private static string Sql(ExportColumns columns, Schema? schema, string lines, string parquet)
    {
        var all = columns.All.ToList();
        var types = new List<string>
        {
            "prediction_id: 'VARCHAR'", "model: 'VARCHAR'", "version: 'BIGINT'", "requested_at: 'BIGINT'",
            "row_index: 'BIGINT'", "latency_us: 'BIGINT'",
        };
        types.AddRange(all.Select(column => $"{column.Key}: '{column.SqlType}'"));
        var actual = all.Find(column => column is { IsOutput: true, Name: "actual" });
        if (actual is not null) all.Remove(actual);
        var outputs = all.Where(column => column.IsOutput).Select(column => column.Name).Concat(Fixed)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var select = all.Select(column => $"{column.Expression(schema)} AS {Quoted(NameOf(column, outputs))}");
        return string.Create(CultureInfo.InvariantCulture,
            $"""
            COPY (
              SELECT prediction_id, model, version, make_timestamp(requested_at * 1000) AS requested_at, row_index, latency_us,
                     {string.Join(", ", select.Prepend($"{actual?.Key ?? "NULL::VARCHAR"} AS actual"))}
              FROM read_json({Literal(lines)}, format = 'newline_delimited', maximum_object_size = 268435456,
                             columns = {"{"}{string.Join(", ", types)}{"}"})
            ) TO {Literal(parquet)} (FORMAT parquet, COMPRESSION zstd)
            """);
    }

    // DuckDB's names differ by more than case.
    private static string NameOf(ExportColumn column, HashSet<string> outputs) =>
        column.IsOutput || !outputs.Contains(column.Name) ? column.Name : $"input.{column.Name}";

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
