using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Gyre.Server.Http;

/// <summary><c>GET /health</c>: the process answers. Whether models are loaded is <c>/v2/health/ready</c>.</summary>
internal static class HealthEndpoint
{
    private static readonly byte[] Healthy = MakeAnswer();

    public static void MapHealth(this WebApplication app) => app.MapGet("/health", AnswerAsync);

    private static async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Healthy.Length;
        await context.Response.BodyWriter.WriteAsync(Healthy, context.RequestAborted);
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
