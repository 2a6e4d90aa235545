using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Gyre.Loop;

/// <summary>How the loop writes JSON: camelCase names, readable text, one format everywhere.</summary>
public static class LoopJson
{
    /// <summary>Compact, for the ledger and machines.</summary>
    public static JsonSerializerOptions Compact { get; } = Create(indented: false);

    /// <summary>Indented, for files that people open.</summary>
    public static JsonSerializerOptions Indented { get; } = Create(indented: true);

    /// <summary>Evidence from an object's public properties.</summary>
    public static JsonObject Evidence(object values) =>
        JsonSerializer.SerializeToNode(values, Compact)?.AsObject() ?? [];

    private static JsonSerializerOptions Create(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
