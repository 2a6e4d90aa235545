using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Tracking.Rest;

/// <summary>Paths of artifacts in the URLs of requests.</summary>
internal static class ArtifactPaths
{
    /// <summary>The name of the rest of the URL in routes.</summary>
    public const string Rest = "artifact_path";

    /// <summary>
    /// The rest of the URL as the client wrote it. The framework's own has steps upwards taken out already, so that
    /// they would be followed instead of refused.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="before">What stands before it in the URL.</param>
    public static string RestOf(HttpContext context, string before)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (target.IndexOf('?', StringComparison.Ordinal) is var query and >= 0) target = target[..query];
        var at = target.IndexOf(before + "/", StringComparison.OrdinalIgnoreCase);
        return at >= 0 ? target[(at + before.Length + 1)..] : (string?)context.GetRouteValue(Rest) ?? "";
    }
}
