using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Serving.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gyre.Server.Http;

/// <summary>
/// Turns failures into HTTP answers: <c>{"error": text}</c> on the Open Inference Protocol's routes, RFC 9457 problem
/// details on ours, MLflow's error codes on its routes (which answer most failures themselves; a path that is none of
/// them gives a line of HTML), a gRPC status to gRPC's clients. Failures that are not the client's are logged.
/// </summary>
internal static class ErrorAnswers
{
    // A client of MLflow takes JSON for an error of an endpoint that exists, and falls back only without it.
    private static readonly string[] MlflowPrefixes = ["/api", "/ajax-api"];

    // Ours among them.
    private const string OwnPrefix = "/api/gyre";

    // KServe's first protocol answers errors in the same form.
    private static readonly string[] InferencePrefixes = ["/v2", "/v1/models"];

    private const string GrpcType = "application/grpc";

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
                await WriteEmptyAsync(context, empty.StatusCode);
        }
        catch (Exception ex) when (IsGone(context, ex))
        {
            // The client went away: there is nobody to answer, nor a rest of the body that the web server could read.
            context.Abort();
        }
        catch (Exception ex) when (!context.Response.HasStarted && !IsBrokenBody(ex))
        {
            var (status, text) = Map(ex);
            var retryAfter = (ex as GyreException)?.RetryAfter;
            if (retryAfter is { } pause)
            {
                var seconds = Math.Max(1, (long)Math.Ceiling(pause.TotalSeconds));
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }

            // Turning requests away under load is normal and counted; a line for each would be a load of its own.
            if (status >= 500 && retryAfter is null)
                Log.RequestFailed(logger, context.Request.Method, context.Request.Path, ex);
            await WriteAsync(context, status, text);
        }
    }

    private static bool IsGone(HttpContext context, Exception failure) =>
        failure is ConnectionResetException or ConnectionAbortedException
        || (failure is OperationCanceledException && context.RequestAborted.IsCancellationRequested);

    // A body that ends before its announced length, or is badly chunked. The web server answers 400 itself when it is
    // told, and does not look for the next request behind it.
    private static bool IsBrokenBody(Exception failure) =>
        failure is BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest };

    /// <summary>The status that a failure is answered with.</summary>
    public static int StatusOf(Exception failure) => Map(failure).Status;

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
        ErrorCode.Forbidden => StatusCodes.Status403Forbidden,
        ErrorCode.Refused => StatusCodes.Status422UnprocessableEntity,
        ErrorCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    // Of a path that leads nowhere, MLflow's server says so in a line of HTML.
    private static Task WriteEmptyAsync(HttpContext context, int status) => FormOf(context.Request) == Form.Mlflow
        ? WriteHtmlAsync(context, status)
        : WriteAsync(context, status, ReasonPhrases.GetReasonPhrase(status) + ".");

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

    /// <summary>Answers with a failure in the form of the protocol that the request belongs to.</summary>
    public static Task WriteAsync(HttpContext context, int status, string text)
    {
        var form = FormOf(context.Request);
        if (form == Form.Grpc)
        {
            GrpcModule.Refuse(context, status, text);
            return context.Response.CompleteAsync();
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = form == Form.Problem ? "application/problem+json" : "application/json";
        return WriteJsonAsync(context, json =>
        {
            switch (form)
            {
                case Form.Inference:
                    json.WriteString("error", text);
                    break;
                case Form.Mlflow:
                    json.WriteString("error_code", MlflowCode(status));
                    json.WriteString("message", text);
                    break;
                default:
                    json.WriteString("type", "about:blank");
                    json.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
                    json.WriteNumber("status", status);
                    json.WriteString("detail", text);
                    break;
            }
        });
    }

    private static async Task WriteJsonAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, Readable))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        context.Response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    private static Form FormOf(HttpRequest request) =>
        request.ContentType?.StartsWith(GrpcType, StringComparison.OrdinalIgnoreCase) == true ? Form.Grpc
        : request.Path.StartsWithSegments(OwnPrefix) ? Form.Problem
        : MlflowPrefixes.Any(prefix => request.Path.StartsWithSegments(prefix)) ? Form.Mlflow
        : request.Path.Value?.EndsWith("/invocations", StringComparison.OrdinalIgnoreCase) == true ? Form.Mlflow
        : InferencePrefixes.Any(prefix => request.Path.StartsWithSegments(prefix)) ? Form.Inference
        : Form.Problem;

    private static string MlflowCode(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "INVALID_PARAMETER_VALUE",
        StatusCodes.Status401Unauthorized => "UNAUTHENTICATED",
        StatusCodes.Status403Forbidden => "PERMISSION_DENIED",
        StatusCodes.Status404NotFound => "RESOURCE_DOES_NOT_EXIST",
        StatusCodes.Status429TooManyRequests => "REQUEST_LIMIT_EXCEEDED",
        StatusCodes.Status503ServiceUnavailable => "TEMPORARILY_UNAVAILABLE",
        _ => "INTERNAL_ERROR",
    };

    private enum Form
    {
        Problem,
        Inference,
        Mlflow,
        Grpc,
    }
}
