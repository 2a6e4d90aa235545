using System.Globalization;
using System.Text.Json;
using Gyre.Loop;
using Gyre.Loop.Alerts;
using Gyre.Loop.Ledger;
using Gyre.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Alerts;

/// <summary>
/// <c>GET /api/gyre/alerts?model=&amp;all=true</c>, <c>POST /api/gyre/alerts/{id}/resolve</c> and
/// <c>GET /api/gyre/ledger?model=&amp;kind=&amp;last=</c>.
/// </summary>
internal static class AlertEndpoints
{
    private const int MostBodyBytes = 1 << 16;
    private const int Usual = 100;
    private const int Most = 10_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var alerts = routes.ServiceProvider.GetRequiredService<AlertStore>();
        var ledger = routes.ServiceProvider.GetRequiredService<LedgerStore>();
        var time = routes.ServiceProvider.GetRequiredService<TimeProvider>();
        routes.MapGet("/api/gyre/alerts", (HttpContext context) => ListAsync(context, alerts));
        routes.MapPost("/api/gyre/alerts/{id}/resolve", (HttpContext context) => ResolveAsync(context, alerts, time));
        routes.MapGet("/api/gyre/ledger", (HttpContext context) => LedgerAsync(context, ledger));
    }

    private static Task ListAsync(HttpContext context, AlertStore alerts)
    {
        var all = Text(context, "all") switch
        {
            null or "false" => false,
            "true" => true,
            var text => throw GyreException.Invalid($"all: '{text}' is neither true nor false"),
        };
        return SendAsync(context, new { alerts = alerts.List(Text(context, "model"), openOnly: !all) });
    }

    private static async Task ResolveAsync(HttpContext context, AlertStore alerts, TimeProvider time)
    {
        var text = (string?)context.Request.RouteValues["id"];
        var reason = await ReasonAsync(context);
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || await alerts.ResolveAsync(id, time.GetUtcNow(), reason, context.RequestAborted) is not { } alert)
            throw GyreException.NotFound($"There is no open alert '{text}'.");
        await SendAsync(context, alert);
    }

    private static Task LedgerAsync(HttpContext context, LedgerStore ledger)
    {
        LedgerKind? kind = null;
        if (Text(context, "kind") is { } name)
        {
            kind = Enum.TryParse<LedgerKind>(name.Replace("-", "", StringComparison.Ordinal), true, out var known)
                && Enum.IsDefined(known) ? known : throw GyreException.Invalid($"kind: '{name}' is none of "
                + string.Join(", ", Enum.GetNames<LedgerKind>()).ToLowerInvariant());
        }

        var last = Usual;
        if (Text(context, "last") is { } count && (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture,
            out last) || last is < 1 or > Most))
            throw GyreException.Invalid($"last: '{count}' is no whole number from 1 to {Most}");
        return SendAsync(context, new { entries = ledger.List(Text(context, "model"), kind, last) });
    }

    // A page of another site can post without asking, but not JSON.
    private static async Task<string> ReasonAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
            throw GyreException.Invalid("The request's Content-Type is not application/json.");
        if (context.Request.ContentLength is not (>= 0 and <= MostBodyBytes))
            throw GyreException.Invalid($"The body has no length, or more than {MostBodyBytes} bytes.");
        const string usual = "resolved over HTTP";
        if (context.Request.ContentLength == 0) return usual;
        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
            if (body.RootElement.ValueKind is not JsonValueKind.Object) throw NoReason();
            if (!body.RootElement.TryGetProperty("reason", out var reason)) return usual;
            return reason.ValueKind is JsonValueKind.String && reason.GetString() is { Length: > 0 and <= 1000 } text
                ? text : throw NoReason();
        }
        catch (JsonException failure)
        {
            throw GyreException.Invalid($"The body is no JSON: {failure.Message}", failure);
        }

        static GyreException NoReason() =>
            GyreException.Invalid("The body is no object whose 'reason' is a text of 1 to 1000 characters.");
    }

    private static string? Text(HttpContext context, string name) =>
        context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    private static async Task SendAsync(HttpContext context, object answer)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(answer, LoopJson.Compact);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }
}
