using System.Text.Json.Nodes;
using Gyre.Primitives;

namespace Gyre.Loop.Deployment;

/// <summary>The rows that a model package carries as its input example, as rows of a prediction request.</summary>
internal static class ExampleRows
{
    /// <summary>Reads pandas' "split" form: `{"columns": […], "data": [[…]]}`.</summary>
    /// <exception cref="GyreException">The package has no example.</exception>
    public static JsonArray Read(string packageFolder)
    {
        var path = Path.Combine(packageFolder, "input_example.json");
        if (!File.Exists(path)) throw GyreException.NotFound($"{path}: the package has no input example");
        var example = JsonNode.Parse(File.ReadAllText(path));
        if (example?["columns"] is not JsonArray columns || example["data"] is not JsonArray data)
            throw GyreException.Invalid($"{path}: is not in the form of columns and data");
        return [.. data.Select(values => Row(columns, values as JsonArray ?? []))];
    }

    private static JsonObject Row(JsonArray columns, JsonArray values)
    {
        var row = new JsonObject();
        for (var i = 0; i < columns.Count; i++) row[columns[i]?.GetValue<string>() ?? ""] = values[i]?.DeepClone();
        return row;
    }
}
