using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Gyre.Tracking.Rest;

/// <summary>A request's fields with the memory they live in; dispose it after the handler.</summary>
internal readonly struct RestRequest(RequestFields fields, JsonDocument? document) : IDisposable
{
    public RequestFields Fields { get; } = fields;

    public void Dispose() => document?.Dispose();
}

/// <summary>
/// Reads a request's fields by the server's rules: GET from the query, or from a body when there is no query; POST and
/// PUT from a body of type <c>application/json</c>; a body that is no JSON object counts as <c>{}</c>, a JSON text that
/// holds JSON is read a second time.
/// </summary>
internal static class RequestReader
{
    /// <summary>The longest JSON body that is read, in bytes.</summary>
    public const long MaxBody = 32 << 20;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    public static async ValueTask<RestRequest> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        var isGet = HttpMethods.IsGet(request.Method);
        if (isGet && request.Query.Count > 0) return new RestRequest(new RequestFields(request.Query), null);

        var body = await ReadBodyAsync(context);
        if (body.Length > 0 && (HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method)))
            RequireJson(request);
        if (body.Length == 0 && isGet) return new RestRequest(new RequestFields(request.Query), null);
        var document = Parse(body);
        return document is null
            ? new RestRequest(default, null)
            : new RestRequest(new RequestFields(document.RootElement), document);
    }

    private static void RequireJson(HttpRequest request)
    {
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)) return;
        throw RestException.Parameter(
            $"Bad Request. Content-Type must be application/json, not '{request.ContentType}'.");
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        // The server's own limit would answer without an error code; the limit here is the one that counts.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (context.Request.ContentLength > MaxBody) throw TooLong();
        var reader = context.Request.BodyReader;
        var gathered = new ArrayBufferWriter<byte>((int)Math.Clamp(context.Request.ContentLength ?? 0, 256, 64 << 10));
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            foreach (var segment in result.Buffer) gathered.Write(segment.Span);
            reader.AdvanceTo(result.Buffer.End);
            if (gathered.WrittenCount > MaxBody) throw TooLong();
            if (result.IsCompleted) return gathered.WrittenMemory;
        }
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Length == 0) return null;
        var document = TryParse(() => JsonDocument.Parse(NanTokens.Quote(body), Options));
        if (document?.RootElement.ValueKind != JsonValueKind.String) return document;
        using (document)
        {
            var inner = document.RootElement.GetString()!; // its kind is a string
            return TryParse(() => JsonDocument.Parse(inner, Options));
        }
    }

    private static JsonDocument? TryParse(Func<JsonDocument> parse)
    {
        try
        {
            return parse();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RestException TooLong() =>
        RestException.Parameter($"The request's body is longer than {MaxBody} bytes.");
}
