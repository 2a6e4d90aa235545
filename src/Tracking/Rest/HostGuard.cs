using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Rest;

/// <summary>
/// Keeps a browser's foreign pages away from a server on somebody's own machine or network: the request must name a
/// host that is local, private or allowed (against DNS rebinding), and a change must not come from another site's page.
/// Thread-safe.
/// </summary>
/// <param name="options">The hosts that are allowed.</param>
public sealed class HostGuard(TrackingOptions options)
{
    /// <summary>The refusal's text, or null when the request may go on.</summary>
    /// <param name="request">Whose host, method and origin count.</param>
    public string? Refusal(HttpRequest request)
    {
        if (!IsAllowed(request.Host.Host)) return "Invalid Host header - possible DNS rebinding attack detected";
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) return null;
        var origin = (string?)request.Headers.Origin;
        if (string.IsNullOrEmpty(origin)) return null;
        return Uri.TryCreate(origin, UriKind.Absolute, out var site)
            && (site.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase) || site.IsLoopback)
            || options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
                ? null
                : "Cross-origin request blocked";
    }

    private bool IsAllowed(string host)
    {
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return true;
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IsNear(address)) return true;
        foreach (var allowed in options.AllowedHosts)
        {
            if (allowed == "*" || host.Equals(allowed, StringComparison.OrdinalIgnoreCase)) return true;
            if (allowed.StartsWith("*.", StringComparison.Ordinal)
                && host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    /// <summary>Loopback, or private by RFC 1918 and RFC 4193.</summary>
    private static bool IsNear(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address)) return true;
        if (address.AddressFamily != AddressFamily.InterNetwork) return address.IsIPv6UniqueLocal;
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return bytes is [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..];
    }
}
