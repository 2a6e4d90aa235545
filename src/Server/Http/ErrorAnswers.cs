using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gyre.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gyre.Server.Http;

/// <summary>
/// Turns failures into HTTP answers: <c>{"error": text}</c> on the Open Inference Protocol's routes, RFC 9457 problem
/// details on ours; MLflow's routes answer their own, and a path that is none of them a line of HTML. Failures that are
/// not the client's are logged.
/// </summary>
internal static class ErrorAnswers
{
    // A client of MLflow takes JSON for an error of an endpoint that exists, and falls back only without it.
    private static readonly string[] MlflowPrefixes = ["/api", "/ajax-api"];

    private const string InferencePrefix = "/v2";

    // The answer is JSON, never HTML: quotes around names stay readable.
    private static readonly JsonWriterOptions Readable =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void UseErrorAnswers(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ErrorAnswers));
        app.Use((context, next) => InvokeAsync(context, next, logger));
    }

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null } empty)
                await WriteAsync(context, empty.StatusCode, ReasonPhrases.GetReasonPhrase(empty.StatusCode) + ".");
        }
        catch (Exception ex) when (IsGone(context, ex))
        {
            // The client went away: there is nobody to answer.
        }
        catch (Exception ex) when (!context.Response.HasStarted)
        {
            var (status, text) = Map(ex);
            var retryAfter = (ex as GyreException)?.RetryAfter;
            if (retryAfter is { } pause)
                context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(pause.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            // Turning requests away under load is normal and counted; a line for each would be a load of its own.
            if (status >= 500 && retryAfter is null) Log.RequestFailed(logger, context.Request.Method, context.Request.Path, ex);
            await WriteAsync(context, status, text);
        }
    }

    private static bool IsGone(HttpContext context, Exception failure) =>
        failure is ConnectionResetException or ConnectionAbortedException
        || (failure is OperationCanceledException && context.RequestAborted.IsCancellationRequested);

    private static (int Status, string Text) Map(Exception failure) => failure switch
    {
        GyreException gyre => (StatusOf(gyre.Code), gyre.Message),
        BadHttpRequestException bad => (bad.StatusCode, bad.Message),
        _ => (StatusCodes.Status500InternalServerError, "An unexpected error; the server's log has the details."),
    };

    private static int StatusOf(ErrorCode code) => code switch
    {
        ErrorCode.InvalidInput => StatusCodes.Status400BadRequest,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        ErrorCode.AlreadyExists or ErrorCode.Conflict => StatusCodes.Status409Conflict,
        ErrorCode.Refused => StatusCodes.Status422UnprocessableEntity,
        ErrorCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static async Task WriteHtmlAsync(HttpContext context, int status)
    {
        var text = $"<!doctype html><title>{status}</title><h1>{ReasonPhrases.GetReasonPhrase(status)}</h1>\n";
        var body = Encoding.ASCII.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }

    private static async Task WriteAsync(HttpContext context, int status, string text)
    {
        var response = context.Response;
        if (MlflowPrefixes.Any(prefix => context.Request.Path.StartsWithSegments(prefix)))
        {
            await WriteHtmlAsync(context, status);
            return;
        }

        var isInference = context.Request.Path.StartsWithSegments(InferencePrefix);
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, Readable))
        {
            json.WriteStartObject();
            if (isInference) json.WriteString("error", text);
            else
            {
                json.WriteString("type", "about:blank");
                json.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
                json.WriteNumber("status", status);
                json.WriteString("detail", text);
            }

            json.WriteEndObject();
        }

        response.StatusCode = status;
        response.ContentType = isInference ? "application/json" : "application/problem+json";
        response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
