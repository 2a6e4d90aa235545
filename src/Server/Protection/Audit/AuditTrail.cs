using Gyre.Server.Http;
using Gyre.Server.Protection.Keys;
using Microsoft.AspNetCore.Http;

namespace Gyre.Server.Protection.Audit;

/// <summary>Tells the audit log of a request, once its outcome is known. Thread-safe.</summary>
internal sealed class AuditTrail(AuditLog log, TimeProvider time)
{
    private const int LongestId = 128;

    /// <summary>Runs a request and tells of it, also when it fails.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next, RouteAccess access, KeyUse? use)
    {
        string? resource = null;
        try
        {
            resource = await AuditedResource.ReadAsync(context);
            await next(context);
            Record(context, access, use, resource, context.Response.StatusCode);
        }
        catch (Exception failure)
        {
            Record(context, access, use, resource, ErrorAnswers.StatusOf(failure));
            throw;
        }
    }

    /// <summary>Tells of a request with its outcome.</summary>
    public void Record(HttpContext context, RouteAccess access, KeyUse? use, string? resource, int status) =>
        log.Record(new AuditEntry
        {
            At = time.GetUtcNow(),
            Caller = use?.Key.Name ?? "anonymous",
            KeyId = use?.Key.Id,
            Address = context.Connection.RemoteIpAddress?.ToString(),
            Method = context.Request.Method,
            Route = access.Route,
            Resource = resource,
            Status = status,
            RequestId = IdOf(context),
        });

    private static string IdOf(HttpContext context)
    {
        var given = context.Request.Headers["X-Request-ID"].ToString();
        return given.Length is > 0 and <= LongestId && given.All(char.IsAscii) && !given.Any(char.IsControl)
            ? given
            : context.TraceIdentifier;
    }
}
