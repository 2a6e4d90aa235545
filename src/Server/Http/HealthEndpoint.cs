using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Gyre.Server.Http;

/// <summary>
/// <c>GET /health</c>: the process answers. Whether models are loaded is <c>/v2/health/ready</c>. The text <c>OK</c>,
/// as MLflow's server says it, unless the client asks for JSON, which also tells the version.
/// </summary>
internal static class HealthEndpoint
{
    private static readonly byte[] Healthy = MakeAnswer();
    private static readonly byte[] Ok = "OK"u8.ToArray();

    public static void MapHealth(this WebApplication app) => app.MapGet("/health", AnswerAsync);

    private static async Task AnswerAsync(HttpContext context)
    {
        var asksForJson = context.Request.Headers.Accept.ToString()
            .Contains("application/json", StringComparison.OrdinalIgnoreCase);
        var answer = asksForJson ? Healthy : Ok;
        context.Response.ContentType = asksForJson ? "application/json" : "text/html; charset=utf-8";
        context.Response.Headers.Vary = "Accept";
        context.Response.ContentLength = answer.Length;
        await context.Response.BodyWriter.WriteAsync(answer, context.RequestAborted);
    }

    private static byte[] MakeAnswer()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("status", "ok");
        json.WriteString("version", GyreVersion.Text);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>The product's version, as the build set it.</summary>
internal static class GyreVersion
{
    /// <summary>Major, minor, patch.</summary>
    public static string Text { get; } = typeof(GyreVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
