using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Loop.Pipeline;
using Gyre.Primitives;
using Gyre.Serving;
using Gyre.Tabular;

namespace Gyre.Loop.Runs;

/// <summary>
/// Writes served rows whose actual value has arrived as JSON lines, so that they join the training data like any other
/// source. With a time column, only rows later than the source's newest are taken: those the source does not have yet. A model that
/// does not read the time column is not sent it; such a row counts as of its request.
/// </summary>
internal static class FeedbackRows
{
    /// <summary>Writes the file.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="definition">The pipeline.</param>
    /// <param name="after">The newest time of the source in microseconds since 1970; null without a time column.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <returns>The file and its number of rows, or null when there are none.</returns>
    public static async Task<(string Path, int Rows)?> WriteAsync(
        Workspace workspace, PipelineDefinition definition, long? after, CancellationToken cancellationToken)
    {
        var path = Path.Combine(workspace.DataFolder, "feedback", $"{definition.Model}.jsonl");
        var rows = 0;
        await DurableFile.WriteAsync(path, async (stream, token) =>
        {
            await using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
            foreach (var row in Read(workspace, definition, after))
            {
                token.ThrowIfCancellationRequested();
                await writer.WriteLineAsync(row.ToJsonString().AsMemory(), token);
                rows++;
            }
        }, cancellationToken);
        if (rows > 0) return (path, rows);
        File.Delete(path);
        return null;
    }

    private static IEnumerable<JsonObject> Read(Workspace workspace, PipelineDefinition definition, long? after)
    {
        using var connection = workspace.Database.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT p.inputs, f.actual, p.requested_at
            FROM gyre_predictions p JOIN gyre_feedback f ON f.prediction_id = p.prediction_id
            WHERE p.model = @model
              AND EXISTS (SELECT 1 FROM gyre_feedback e WHERE e.prediction_id BETWEEN p.first_id AND p.last_id)
            ORDER BY p.requested_at, p.prediction_id
            """;
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = ("@model", definition.Model);
        command.Parameters.Add(parameter);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var row = Row(definition, reader.GetString(0), reader.GetString(1), 1000 * reader.GetInt64(2));
            if (after is null || MicrosecondsOf(row, definition.Time) > after) yield return row;
        }
    }

    /// <summary>The logged inputs that are raw columns, and the actual value as the target.</summary>
    private static JsonObject Row(PipelineDefinition definition, string inputs, string actual, long requestedAt)
    {
        var row = new JsonObject();
        foreach (var (name, value) in JsonNode.Parse(inputs)?.AsObject() ?? [])
        {
            // What was redacted when the row was served has no value of the column's type.
            if (!definition.Columns.TryGet(name, out var column) || IsRedacted(value)) continue;
            row[name] = column.Type == ColumnType.Timestamp && value?.GetValueKind() == JsonValueKind.Number
                ? JsonValue.Create(Iso(Whole(value)))
                : value?.DeepClone();
        }

        if (definition.Time is { } time && !row.ContainsKey(time)) row[time] = Iso(requestedAt);
        row[definition.Target] = JsonNode.Parse(actual);
        return row;
    }

    private static bool IsRedacted(JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.String && LogPolicy.IsRedacted(value.GetValue<string>());

    private static long? MicrosecondsOf(JsonObject row, string? time)
    {
        if (time is null || row[time]?.GetValue<string>() is not { } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond
            : null;
    }

    /// <summary>A column that may miss values travels as a double.</summary>
    private static long Whole(JsonNode number) =>
        number.AsValue().TryGetValue<long>(out var whole) ? whole : (long)number.GetValue<double>();

    private static string Iso(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFZ", CultureInfo.InvariantCulture);
}
