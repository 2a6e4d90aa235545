using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Primitives;

namespace Gyre.Tracking.Storage;

/// <summary>The tag in which older clients keep a list of the models that a run made.</summary>
internal static class ModelHistory
{
    private const string Tag = "mlflow.log-model.history";

    private static readonly string[] Required = ["artifact_path", "flavors", "utc_time_created", "run_id"];

    /// <summary>Reads a model's description.</summary>
    /// <exception cref="GyreException">It is no JSON object, or lacks a field.</exception>
    public static JsonObject Parse(string json)
    {
        JsonObject model;
        try
        {
            model = JsonNode.Parse(json) as JsonObject
                ?? throw GyreException.Invalid("Malformed model info: it is not a JSON object.");
        }
        catch (JsonException ex)
        {
            throw GyreException.Invalid($"Malformed model info: it is not valid JSON: {ex.Message}", ex);
        }

        var missing = Required.Where(field => !model.ContainsKey(field)).ToList();
        return missing.Count == 0
            ? model
            : throw GyreException.Invalid($"Model json is missing mandatory fields: {string.Join(", ", missing)}");
    }

    public static void Append(DbConnection connection, string runId, JsonObject model)
    {
        RunLog.RequireActive(connection, runId);
        var old = connection.Scalar("SELECT value FROM tags WHERE run_uuid = $1 AND key = $2", runId, Tag) as string;
        var history = old is null ? [] : Read(old);
        history.Add(model.DeepClone()); // a write may run a second time
        RunLog.PutTag(connection, runId, Tag, history.ToJsonString());
    }

    // A user may have written anything into the tag.
    private static JsonArray Read(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonArray ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
