using Gyre.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Gyre.Tracking.Rest;

/// <summary>A handler of the protocol: reads its fields, calls a store, writes the answer.</summary>
internal delegate Task RestHandler(HttpContext context, RequestFields fields);

/// <summary>
/// Registers each path twice, below <c>/api</c> for clients and below <c>/ajax-api</c> for browsers, and turns failures
/// into the protocol's errors.
/// </summary>
internal sealed class RestRoutes(IEndpointRouteBuilder endpoints, HostGuard hosts, ILogger logger)
{
    public static readonly string[] Roots = ["/api", "/ajax-api"];

    public void Get(string path, RestHandler handler) => Map("GET", path, handler);

    /// <summary>A path that only browsers ask for.</summary>
    public void GetForBrowsers(string path, RestHandler handler) => Raw("GET", path, Reading(handler), Roots[^1]);

    /// <summary>As <see cref="GetForBrowsers"/>.</summary>
    public void PostForBrowsers(string path, RestHandler handler) => Raw("POST", path, Reading(handler), Roots[^1]);

    public void Post(string path, RestHandler handler) => Map("POST", path, handler);

    public void Patch(string path, RestHandler handler) => Map("PATCH", path, handler);

    public void Delete(string path, RestHandler handler) => Map("DELETE", path, handler);

    /// <summary>A path whose body is no JSON, such as a file.</summary>
    public void Raw(string method, string path, RequestDelegate handler) => Raw(method, path, handler, Roots);

    private void Raw(string method, string path, RequestDelegate handler, params ReadOnlySpan<string> roots)
    {
        foreach (var root in roots)
            endpoints.MapMethods($"{root}/{path}", [method], context => GuardAsync(context, handler));
    }

    /// <summary>A path that exists once, below neither root.</summary>
    public void Bare(string method, string path, RequestDelegate handler) =>
        endpoints.MapMethods(path, [method], context => GuardAsync(context, handler));

    private void Map(string method, string path, RestHandler handler) => Raw(method, path, Reading(handler), Roots);

    private static RequestDelegate Reading(RestHandler handler) => async context =>
    {
        using var request = await RequestReader.ReadAsync(context);
        await handler(context, request.Fields);
    };

    private async Task GuardAsync(HttpContext context, RequestDelegate handler)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.XFrameOptions = "SAMEORIGIN";
        if (hosts.Refusal(context.Request) is { } refusal)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync(refusal, context.RequestAborted);
            return;
        }

        try
        {
            await handler(context);
        }
        catch (Exception ex) when (
            ex is ConnectionResetException or ConnectionAbortedException
            || (ex is OperationCanceledException && context.RequestAborted.IsCancellationRequested))
        {
            // The client went away: there is nobody to answer.
        }
        catch (Exception ex) when (!context.Response.HasStarted)
        {
            var name = RestErrors.NameOf(ex);
            if (ex is not GyreException { IsUserError: true }) RestLog.Failed(logger, context.Request.Path, ex);
            context.Response.Clear();
            await RestErrors.WriteAsync(context, name, RestErrors.MessageOf(ex));
        }
    }
}
