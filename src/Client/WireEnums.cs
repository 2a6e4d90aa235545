using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gyre.Client;

internal sealed class RunStatusConverter : JsonConverter<RunStatus>
{
    public override RunStatus Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number
            ? (RunStatus)reader.GetInt32()
            : Enum.TryParse<RunStatus>(reader.GetString(), ignoreCase: true, out var status)
                ? status
                : throw new JsonException($"'{reader.GetString()}' is not the status of a run.");

    public override void Write(Utf8JsonWriter writer, RunStatus value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString().ToUpperInvariant());
}

internal sealed class ViewTypeConverter : JsonConverter<ViewType>
{
    public override ViewType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("View types are only sent.");

    public override void Write(Utf8JsonWriter writer, ViewType value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value switch
        {
            ViewType.DeletedOnly => "DELETED_ONLY",
            ViewType.All => "ALL",
            _ => "ACTIVE_ONLY",
        });
}
