using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gyre.Server.Protection.Audit;

/// <summary>
/// Says what a request is about: its path's values, its query, and of a small JSON body (which MLflow's clients put
/// names into) the fields that name something.
/// </summary>
internal static class AuditedResource
{
    private const int LongestBody = 64 << 10;
    private const int LongestText = 300;

    private static readonly string[] Fields =
    [
        "name", "new_name", "version", "alias", "stage", "key", "tag_key", "model", "model_id", "run_id", "run_uuid",
        "experiment_id", "path", "policy",
    ];

    /// <summary>The text, or null. A body that was read for it can be read again.</summary>
    public static async ValueTask<string?> ReadAsync(HttpContext context)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in context.Request.RouteValues) Append(text, name, value?.ToString());
        foreach (var (name, value) in context.Request.Query) Append(text, name, value.ToString());
        if (await BodyAsync(context) is { } body) AppendFields(text, body);
        return text.Length == 0 ? null : text.ToString(0, Math.Min(text.Length, LongestText));
    }

    /// <summary>
    /// The registered models that a small JSON body names, which can be read again; none where there is no such body.
    /// </summary>
    public static async ValueTask<IReadOnlyList<string>> ModelsAsync(HttpContext context)
    {
        if (await BodyAsync(context) is not { } body) return [];
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return [];
            // Each of several fields of one name: which of them counts, the handler decides.
            return [.. json.RootElement.EnumerateObject().Where(field => field.Name is "name" or "new_name")
                .Select(field => field.Value.ToString())];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static async ValueTask<byte[]?> BodyAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength is not (> 0 and <= LongestBody)
            || request.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) != true) return null;
        var body = new byte[request.ContentLength.Value];
        await request.Body.ReadExactlyAsync(body, context.RequestAborted);
        request.Body = new MemoryStream(body, writable: false);
        return body;
    }

    private static void AppendFields(StringBuilder text, byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return;
            foreach (var field in Fields)
            {
                if (json.RootElement.TryGetProperty(field, out var value)
                    && value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                    Append(text, field, value.ToString());
            }
        }
        catch (JsonException)
        {
            // The handler will say what is wrong with it.
        }
    }

    private static void Append(StringBuilder text, string name, string? value)
    {
        if (string.IsNullOrEmpty(value) || text.Length > LongestText) return;
        if (text.Length > 0) text.Append(' ');
        text.Append(name).Append('=');
        // A value cannot pretend to be a line of its own.
        foreach (var c in value.AsSpan(0, Math.Min(value.Length, LongestText)))
            text.Append(char.IsControl(c) ? '?' : c);
    }
}
