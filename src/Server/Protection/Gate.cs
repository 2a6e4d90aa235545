using Gyre.Server.Http;
using Gyre.Server.Protection.Keys;
using Microsoft.AspNetCore.Http;

namespace Gyre.Server.Protection;

/// <summary>
/// Lets a request pass or refuses it: who asks (a key, or nobody), and whether the route is theirs. Runs after routing.
/// Allocates nothing for a request that passes. Thread-safe.
/// </summary>
internal sealed class Gate(KeyRing ring, AnonymousRule anonymous, RouteTable routes)
{
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var access = routes.Of(context.GetEndpoint());
        if (access.IsOpen) return next(context);
        var verdict = Credentials.Check(context.Request.Headers, ring, out var use);
        var refusal = verdict switch
        {
            KeyVerdict.Valid => Limits(context, access, use!), // a valid key is given
            KeyVerdict.None => anonymous.Allows(context, out var reason) ? null : NoKey(reason),
            KeyVerdict.Expired => new Refusal(401, $"The API key '{use!.Key.Name}' has expired."), // so is an expired one
            _ => new Refusal(401, "The API key is not valid."),
        };
        return refusal is null ? next(context) : RefuseAsync(context, refusal);
    }

    private static Refusal? Limits(HttpContext context, RouteAccess access, KeyUse use)
    {
        if (!use.Has(access.Scopes))
        {
            return new Refusal(403,
                $"The API key '{use.Key.Name}' has no scope '{ScopeNames.Format(access.Scopes)}', which this request needs.");
        }

        if (!access.IsPrediction || !use.IsRestricted) return null;
        if (context.Request.RouteValues["model"] is not string model)
        {
            return new Refusal(403,
                $"The API key '{use.Key.Name}' is for certain models, and this request's path does not name one.");
        }

        return use.Allows(model)
            ? null
            : new Refusal(403, $"The API key '{use.Key.Name}' is not for the model '{model}'.");
    }

    private static Refusal NoKey(string? reason) => reason is null
        ? new Refusal(401, "An API key is needed: send it as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.")
        : new Refusal(403, reason);

    private static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        if (refusal.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = new(["Bearer realm=\"gyre\"", "Basic realm=\"gyre\""]);
        return ErrorAnswers.WriteAsync(context, refusal.Status, refusal.Text);
    }

    private sealed record Refusal(int Status, string Text);
}
