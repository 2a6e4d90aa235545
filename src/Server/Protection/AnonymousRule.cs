using System.Net;
using Gyre.Tracking.Rest;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gyre.Server.Protection;

/// <summary>
/// Decides whether a request without a key is answered. Under <see cref="AnonymousAccess.Loopback"/> it must come from
/// a program on this machine: both ends of the connection are loopback, no header tells of another client before a
/// proxy, and no browser sends it for another site's page. Thread-safe; allocates nothing for the host that was asked
/// last.
/// </summary>
internal sealed class AnonymousRule(AnonymousAccess access, HostGuard hosts)
{
    private static readonly string[] Forwarding = ["X-Forwarded-For", "Forwarded", "X-Real-IP"];

    private volatile string? _goodHost;

    /// <summary>Whether it is answered; if not, why.</summary>
    public bool Allows(HttpContext context, out string? reason)
    {
        reason = null;
        if (access == AnonymousAccess.All) return true;
        if (access == AnonymousAccess.None) return false;
        return IsFromThisMachine(context) && IsFromAProgram(context.Request, out reason);
    }

    /// <summary>Whether the connection begins and ends on this machine and nobody was behind it.</summary>
    public static bool IsFromThisMachine(HttpContext context)
    {
        var connection = context.Connection;
        // A Unix socket has no addresses; who may use it, the file system says.
        if (connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote)) return false;
        if (connection.LocalIpAddress is { } local && !IPAddress.IsLoopback(local)) return false;
        var headers = context.Request.Headers;
        foreach (var name in Forwarding)
        {
            if (headers.TryGetValue(name, out var clients) && !AreLoopback(clients)) return false;
        }

        return true;
    }

    private static bool AreLoopback(StringValues clients)
    {
        foreach (var client in clients.ToString().Split([',', ';'], StringSplitOptions.TrimEntries))
        {
            // Forwarded: for="[::1]:4711";proto=http;by=…
            var equals = client.IndexOf('=');
            if (equals >= 0 && !client.StartsWith("for=", StringComparison.OrdinalIgnoreCase)) continue;
            var address = client[(equals + 1)..].Trim('"');
            if (!IPEndPoint.TryParse(address, out var end) || !IPAddress.IsLoopback(end.Address)) return false;
        }

        return true;
    }

    private bool IsFromAProgram(HttpRequest request, out string? reason)
    {
        reason = null;
        var host = request.Headers.Host.ToString();
        // Browsers always name a host and, with a request that changes something, the page's origin.
        if (host.Length == 0) return true;
        if (host == _goodHost && request.Headers.Origin.Count == 0) return true;
        reason = hosts.Refusal(request);
        if (reason is not null) return false;
        _goodHost = host;
        return true;
    }
}
