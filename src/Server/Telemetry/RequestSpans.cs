using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Server.Telemetry;

/// <summary>
/// Tells the span that the web server makes of each request what OpenTelemetry's conventions for HTTP and gRPC want to
/// know. The server continues the trace of the request's <c>traceparent</c>.
/// </summary>
internal static class RequestSpans
{
    public static void UseRequestSpans(this WebApplication app) => app.Use(InvokeAsync);

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (Activity.Current is not { IsAllDataRequested: true } span)
        {
            await next(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) is true)
                DescribeGrpc(span, context);
            else DescribeHttp(span, context);
        }
    }

    private static void DescribeHttp(Activity span, HttpContext context)
    {
        var request = context.Request;
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? request.Method : $"{request.Method} {route}";
        span.SetTag("http.request.method", request.Method);
        if (route is not null) span.SetTag("http.route", route);
        DescribeConnection(span, context);
        span.SetTag("url.path", request.Path.Value);
        span.SetTag("url.scheme", request.Scheme);
        var status = context.Response.StatusCode;
        span.SetTag("http.response.status_code", status);
        if (status < 500) return;
        span.SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
        span.SetStatus(ActivityStatusCode.Error);
    }

    private static void DescribeGrpc(Activity span, HttpContext context)
    {
        var path = context.Request.Path.Value!.TrimStart('/'); // a request that was routed has one
        var (service, method) = path.IndexOf('/') is var slash and > 0
            ? (path[..slash], path[(slash + 1)..])
            : ("", path);
        span.DisplayName = path;
        span.SetTag("rpc.system", "grpc");
        span.SetTag("rpc.service", service);
        span.SetTag("rpc.method", method);
        DescribeConnection(span, context);
        if (StatusOf(context) is not { } status) return;
        span.SetTag("rpc.grpc.status_code", status);
        // The server's own failures: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS.
        if (status is 2 or 4 or 12 or 13 or 14 or 15) span.SetStatus(ActivityStatusCode.Error);
    }

    private static void DescribeConnection(Activity span, HttpContext context)
    {
        span.SetTag("server.address", context.Request.Host.Host);
        if (context.Request.Host.Port is { } port) span.SetTag("server.port", port);
        if (context.Connection.RemoteIpAddress is { } client) span.SetTag("client.address", client.ToString());
        span.SetTag("network.protocol.version", context.Request.Protocol.Replace("HTTP/", ""));
    }

    private static int? StatusOf(HttpContext context)
    {
        const string name = "grpc-status";
        var text = context.Response.Headers[name].ToString() is { Length: > 0 } header
            ? header
            : context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers[name].ToString();
        return int.TryParse(text, CultureInfo.InvariantCulture, out var status) ? status : null;
    }
}
