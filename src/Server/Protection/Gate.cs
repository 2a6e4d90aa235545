using System.Diagnostics.Metrics;
using System.Globalization;
using Gyre.Server.Http;
using Gyre.Server.Protection.Audit;
using Gyre.Server.Protection.Keys;
using Gyre.Server.Protection.Limits;
using Gyre.Serving;
using Microsoft.AspNetCore.Http;

namespace Gyre.Server.Protection;

/// <summary>
/// Lets a request pass or refuses it: who asks (a key, or nobody), whether the route is theirs, and whether their
/// limits allow it. Runs after routing. Allocates nothing for a prediction that passes and is answered at once.
/// Thread-safe.
/// </summary>
internal sealed class Gate
{
    private readonly KeyRing _ring;
    private readonly AnonymousRule _anonymous;
    private readonly RouteTable _routes;
    private readonly AuditTrail _audit;
    private readonly TimeSpan _timeout;
    private readonly Counter<long> _refused;

    public Gate(
        KeyRing ring, AnonymousRule anonymous, RouteTable routes, AuditTrail audit, ProtectionOptions options,
        IMeterFactory meters)
    {
        (_ring, _anonymous, _routes, _audit) = (ring, anonymous, routes, audit);
        _timeout = options.RequestTimeout;
        _refused = meters.Create("Gyre.Protection").CreateCounter<long>(
            "gyre.requests.refused", null,
            "Requests refused for want of a key, a scope, or by a limit, by HTTP status.");
    }

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var access = _routes.Of(context);
        if (access.IsOpen) return next(context);
        var refusal = Judge(context, access, out var use);
        if (refusal is not null) return RefuseAsync(context, access, use, refusal);
        if (use is { IsRestricted: true }) context.Features.Set<IModelAccess>(new ModelAccess(use, _refused));
        if (use is { IsRestricted: true } && access.NamesModelInBody) return CheckBodyAsync(context, next, access, use);
        if (access.IsAudited) return _audit.InvokeAsync(context, next, access, use);
        if (!access.IsPrediction || _timeout == Timeout.InfiniteTimeSpan) return next(context);
        var deadline = RequestDeadline.Begin(context, _timeout);
        var answer = next(context);
        return answer.IsCompletedSuccessfully ? answer : AwaitAsync(answer, context, deadline);
    }

    private Refusal? Judge(HttpContext context, RouteAccess access, out KeyUse? use) =>
        Credentials.Check(context.Request.Headers, _ring, out use) switch
        {
            KeyVerdict.Valid => Limits(context, access, use!), // a valid key is given
            KeyVerdict.None => _anonymous.Allows(context, out var reason) ? null : NoKey(reason),
            // Also an expired key is given.
            KeyVerdict.Expired => new Refusal(401, $"The API key '{use!.Key.Name}' has expired."),
            _ => new Refusal(401, "The API key is not valid."),
        };

    private static Refusal? Limits(HttpContext context, RouteAccess access, KeyUse use)
    {
        var name = use.Key.Name;
        if (!use.Has(access.Scopes))
        {
            return new Refusal(403,
                $"The API key '{name}' has no scope '{ScopeNames.Format(access.Scopes)}', which this request needs.");
        }

        // Where the path does not name the model, it is asked for when the request has told.
        if (use.IsRestricted && context.Request.RouteValues["model"] is string model && !use.Allows(model))
            return new Refusal(403, ModelAccess.Text(use, model));

        if (use.Rate?.Take() is { Ticks: > 0 } pause)
            return new Refusal(429, $"The API key '{name}' is limited to {use.Key.Rate} requests.", pause);
        if (use.Quota?.Take() is { Ticks: > 0 } rest)
            return new Refusal(429, $"The quota of the API key '{name}', {use.Key.Quota}, is used up.", rest);
        return null;
    }

    private async Task CheckBodyAsync(HttpContext context, RequestDelegate next, RouteAccess access, KeyUse use)
    {
        var wrong = await AuditedResource.ModelsAsync(context) is { Count: > 0 } models
            ? models.FirstOrDefault(model => !use.Allows(model)) : "";
        if (wrong is null) await _audit.InvokeAsync(context, next, access, use);
        else await RefuseAsync(context, access, use, new Refusal(403, ModelAccess.Text(use, wrong)));
    }

    private static Refusal NoKey(string? reason) => reason is null
        ? new Refusal(401, "An API key is needed: send it as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.")
        : new Refusal(403, reason);

    private async Task AwaitAsync(Task answer, HttpContext context, RequestDeadline deadline)
    {
        try
        {
            await answer;
        }
        catch (OperationCanceledException) when (deadline.HasPassed && !context.Response.HasStarted)
        {
            context.RequestAborted = CancellationToken.None; // it is cancelled; the client still waits for the answer
            await ErrorAnswers.WriteAsync(context, StatusCodes.Status504GatewayTimeout,
                string.Create(CultureInfo.InvariantCulture, $"There was no answer within {_timeout.TotalSeconds} s."));
        }
    }

    private Task RefuseAsync(HttpContext context, RouteAccess access, KeyUse? use, Refusal refusal)
    {
        _refused.Add(1, new KeyValuePair<string, object?>("status", refusal.Status));
        var headers = context.Response.Headers;
        if (refusal.Status == StatusCodes.Status401Unauthorized)
            headers.WWWAuthenticate = new(["Bearer realm=\"gyre\"", "Basic realm=\"gyre\""]);
        if (refusal.RetryAfter is { } pause)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(pause.TotalSeconds));
            headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        // Who has no key could fill the log with attempts; those are only counted.
        if (access.IsAudited && use is not null) _audit.Record(context, access, use, null, refusal.Status);
        return ErrorAnswers.WriteAsync(context, refusal.Status, refusal.Text);
    }

    private sealed record Refusal(int Status, string Text, TimeSpan? RetryAfter = null);
}
