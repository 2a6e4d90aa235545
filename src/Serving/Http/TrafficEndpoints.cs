using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Primitives;
using Gyre.Serving.Traffic;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Serving.Http;

/// <summary>
/// Traffic policies: <c>GET /api/gyre/traffic</c>, <c>GET</c>, <c>PUT</c>, <c>DELETE /api/gyre/traffic/{model}</c>,
/// <c>POST …/pause</c>, <c>…/resume</c>, <c>…/promote</c>, <c>…/rollback</c>. All answer with the model's traffic.
/// </summary>
internal sealed class TrafficEndpoints(TrafficControl control)
{
    /// <summary>Where these routes begin.</summary>
    public const string Prefix = "/api/gyre/traffic";

    private const long MaximumBodyBytes = 1 << 16;

    public void Map(IEndpointRouteBuilder routes)
    {
        const string model = Prefix + "/{model}";
        routes.MapGet(Prefix, (HttpContext context) => SendAsync(context, control.List()));
        routes.MapGet(model, (HttpContext context) => SendAsync(context, control.Show(context.Route("model"))));
        routes.MapPut(model, SetAsync);
        routes.MapDelete(model, (HttpContext context) =>
            SetAsync(context, JsonElement.Parse("""{"policy": "champion"}""")));
        MapAct(routes, "pause", (name, by, _, token) => control.PauseAsync(name, by, token));
        MapAct(routes, "resume", (name, by, _, token) => control.ResumeAsync(name, by, token));
        MapAct(routes, "promote", (name, by, body, token) =>
            control.PromoteAsync(name, VersionOf(body), by, TextOf(body, "reason"), token));
        MapAct(routes, "rollback", (name, by, body, token) =>
            control.RollBackAsync(name, by, TextOf(body, "reason"), token));
    }

    private static void MapAct(IEndpointRouteBuilder routes, string name, Act act) =>
        routes.MapPost($"{Prefix}/{{model}}/{name}", context => ActAsync(context, act));

    private async Task SetAsync(HttpContext context)
    {
        using var body = await ReadAsync(context);
        await SetAsync(context, body.RootElement);
    }

    private async Task SetAsync(HttpContext context, JsonElement policy) => await SendAsync(context,
        await control.SetAsync(context.Route("model"), policy, CallerOf(context), context.RequestAborted));

    private static async Task ActAsync(HttpContext context, Act act)
    {
        using var body = await ReadAsync(context);
        await SendAsync(context,
            await act(context.Route("model"), CallerOf(context), body.RootElement, context.RequestAborted));
    }

    // Demanded although a body may be empty: a page of another origin can post without asking, but not JSON.
    private static async Task<JsonDocument> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
            throw GyreException.Invalid("The request's Content-Type is not application/json.");
        using var body = await RequestBody.ReadAsync(context, MaximumBodyBytes, context.RequestAborted);
        try
        {
            var json = JsonDocument.Parse(body.Bytes.IsEmpty ? "{}"u8.ToArray() : body.Bytes.ToArray());
            if (json.RootElement.ValueKind is JsonValueKind.Object) return json;
            json.Dispose();
            throw GyreException.Invalid("The body is no JSON object.");
        }
        catch (JsonException failure)
        {
            throw GyreException.Invalid($"The body is no JSON: {failure.Message}", failure);
        }
    }

    private static int? VersionOf(JsonElement body) => !body.TryGetProperty("version", out var version) ? null
        : version.ValueKind is JsonValueKind.Number && version.TryGetInt32(out var number) ? number
        : throw GyreException.Invalid("'version' is no whole number.");

    private static string TextOf(JsonElement body, string name) => !body.TryGetProperty(name, out var text) ? ""
        : text.ValueKind is JsonValueKind.String ? text.GetString() ?? ""
        : throw GyreException.Invalid(string.Create(CultureInfo.InvariantCulture, $"'{name}' is no text."));

    private static string CallerOf(HttpContext context) => context.User.Identity?.Name ?? "the HTTP API";

    private static async Task SendAsync(HttpContext context, JsonNode answer)
    {
        var bytes = Encoding.UTF8.GetBytes(answer.ToJsonString());
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }

    private delegate Task<JsonObject> Act(string model, string by, JsonElement body, CancellationToken cancellationToken);
}
