using System.Globalization;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Serving.Slots;
using Gyre.Tracking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Serving.Http;

/// <summary>
/// Triton's model repository extension of the Open Inference Protocol: <c>POST /v2/repository/index</c> lists the
/// registered versions, <c>…/models/{model}/load</c> serves a model's champion and brings it into memory,
/// <c>…/unload</c> takes the model out of service on this server.
/// </summary>
internal sealed class RepositoryEndpoints(ModelRegistry registry, ModelSlots slots, ChampionFollower follower)
{
    private const string Prefix = InferenceEndpoints.Prefix + "/repository";
    private const long MaximumBodyBytes = 1 << 16;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Prefix + "/index", IndexAsync);
        routes.MapPost(Prefix + "/models/{model}/load", LoadAsync);
        routes.MapPost(Prefix + "/models/{model}/unload", UnloadAsync);
    }

    private async Task IndexAsync(HttpContext context)
    {
        using var body = await ReadAsync(context);
        var isReady = body.RootElement.TryGetProperty("ready", out var ready) && Truth("ready", ready);
        using var answer = JsonAnswer.Rent();
        var json = answer.Json;
        json.WriteStartArray();
        var loaded = slots.Loaded.ToHashSet();
        foreach (var version in registry.ListModels().SelectMany(model => registry.List(model.Name)).OrderBy(Order))
        {
            var slot = new ServedVersion(version.Model, version.Version);
            if (isReady && !loaded.Contains(slot)) continue;
            json.WriteStartObject();
            json.WriteString("name"u8, version.Model);
            json.WriteString("version"u8, version.Version.ToString(CultureInfo.InvariantCulture));
            json.WriteString("state"u8, loaded.Contains(slot) ? "READY"u8 : "UNAVAILABLE"u8);
            json.WriteString("reason"u8, loaded.Contains(slot) ? "" : ReasonOf(slot));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        await answer.SendAsync(context.Response, StatusCodes.Status200OK, context.RequestAborted);
    }

    private string ReasonOf(ServedVersion version) =>
        follower.IsSuspended(version.Model) ? "unloaded"
        : slots.FailureOf(version) is { } failure ? failure
        : slots.VersionOf(version.Model) is null ? "the model has no champion"
        : slots.VersionOf(version.Model) == version.Version ? "not in memory; the next request loads it"
        : "not the champion; a request for this version loads it";

    private static (string, int) Order(ModelVersion version) => (version.Model, version.Version);

    private async Task LoadAsync(HttpContext context)
    {
        using var body = await ReadAsync(context);
        foreach (var parameter in ParametersOf(body))
        {
            throw GyreException.Invalid(
                $"parameter '{parameter.Name}': a model's configuration and files are those of its registered version");
        }

        await follower.ResumeAsync(context.Route("model"), context.RequestAborted);
    }

    private async Task UnloadAsync(HttpContext context)
    {
        using var body = await ReadAsync(context);
        foreach (var parameter in ParametersOf(body))
        {
            // No model depends on another: there is nothing more to unload.
            if (parameter.NameEquals("unload_dependents"u8)) Truth(parameter.Name, parameter.Value);
            else throw GyreException.Invalid($"parameter '{parameter.Name}' is not known");
        }

        await follower.SuspendAsync(context.Route("model"), context.RequestAborted);
    }

    private static JsonElement.ObjectEnumerator ParametersOf(JsonDocument body) =>
        !body.RootElement.TryGetProperty("parameters", out var parameters) ? default
        : parameters.ValueKind is JsonValueKind.Object ? parameters.EnumerateObject()
        : throw GyreException.Invalid("'parameters' is no object");

    private static bool Truth(string name, JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw GyreException.Invalid($"'{name}' is not true or false");

    // Clients of Triton send an empty body, and seldom say that it is JSON.
    private static async Task<JsonDocument> ReadAsync(HttpContext context)
    {
        using var body = await RequestBody.ReadAsync(context, MaximumBodyBytes, context.RequestAborted);
        if (body.Bytes.IsEmpty) return JsonDocument.Parse("{}");
        try
        {
            var json = JsonDocument.Parse(body.Bytes.ToArray());
            if (json.RootElement.ValueKind is JsonValueKind.Object) return json;
            json.Dispose();
            throw GyreException.Invalid("The body is no JSON object.");
        }
        catch (JsonException failure)
        {
            throw GyreException.Invalid($"The body is no JSON: {failure.Message}", failure);
        }
    }
}
