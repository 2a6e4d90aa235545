using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Gyre.Tracking.Rest;

/// <summary>A request's fields with the memory they live in; dispose it after the handler.</summary>
internal readonly struct RestRequest(RequestFields fields, JsonDocument? document, IDisposable? body) : IDisposable
{
    public RequestFields Fields { get; } = fields;

    public void Dispose()
    {
        document?.Dispose();
        body?.Dispose(); // the document reads from it
    }
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

    /// <summary>The bodies that are in memory at once: 160 full batches of metrics.</summary>
    private static readonly BodyBudget Budget = new(16 << 20);

    /// <summary>What a body counts that does not say its length.</summary>
    private const long UnknownLength = 1 << 20;

    /// <summary>What is reserved at once for a body that says it is longer.</summary>
    private const int LargestStart = 1 << 20;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    public static async ValueTask<RestRequest> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        var isGet = HttpMethods.IsGet(request.Method);
        if (isGet && request.Query.Count > 0) return new RestRequest(new RequestFields(request.Query), null, null);

        if (request.ContentLength > MaxBody) throw TooLong();
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
        var share = await Budget.TakeAsync(
            hasBody ? request.ContentLength ?? UnknownLength : 0, context.RequestAborted);
        var body = new RequestBody(
            new PooledBuffer((int)Math.Clamp((request.ContentLength ?? 0) + 1, 256, LargestStart)), share);
        try
        {
            await ReadBodyAsync(context, body.Buffer);
            if (body.Buffer.Length > 0 && (HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method)))
                RequireJson(request);
            if (body.Buffer.Length == 0 && isGet) return new RestRequest(new RequestFields(request.Query), null, body);
            var document = Parse(body.Buffer.Written);
            return document is null
                ? new RestRequest(default, null, body)
                : new RestRequest(new RequestFields(document.RootElement), document, body);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static void RequireJson(HttpRequest request)
    {
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)) return;
        throw RestException.Parameter(
            $"Bad Request. Content-Type must be application/json, not '{request.ContentType}'.");
    }

    private static async ValueTask ReadBodyAsync(HttpContext context, PooledBuffer body)
    {
        // The server's own limit would answer without an error code; the limit here is the one that counts.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            foreach (var segment in result.Buffer) body.Write(segment.Span);
            reader.AdvanceTo(result.Buffer.End);
            if (body.Length > MaxBody) throw TooLong();
            if (result.IsCompleted) return;
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

    /// <summary>A body in memory and the share of the budget that it takes.</summary>
    private sealed class RequestBody(PooledBuffer buffer, long share) : IDisposable
    {
        private int _disposed;

        public PooledBuffer Buffer => buffer;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
            buffer.Dispose();
            Budget.Release(share);
        }
    }
}
