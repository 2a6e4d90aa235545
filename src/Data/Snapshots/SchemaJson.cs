using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Tabular;

namespace Gyre.Data.Snapshots;

/// <summary>A schema as the text that a snapshot's footer carries.</summary>
internal static class SchemaJson
{
    /// <summary>The footer's key.</summary>
    public const string Key = "gyre_schema";

    public static string Write(Schema schema) => new JsonArray([.. schema.Select(column =>
    {
        var json = new JsonObject
        {
            ["name"] = column.Name,
            ["type"] = column.Type.ToString(),
            ["nullable"] = column.Nullable,
        };
        if (column.Image is { } image) json["image"] = image.ToString();
        return json;
    })]).ToJsonString();

    public static Schema Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new Schema(document.RootElement.EnumerateArray().Select(column => new ColumnDefinition(
            column.GetProperty("name").GetString() ?? "",
            Enum.Parse<ColumnType>(column.GetProperty("type").GetString() ?? ""),
            column.GetProperty("nullable").GetBoolean())
        {
            Image = column.TryGetProperty("image", out var image)
                && ImageShape.TryParse(image.GetString() ?? "", out var shape) ? shape : null,
        }));
    }
}
