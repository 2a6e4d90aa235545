using System.Net;
using Gyre.Primitives;
using Microsoft.AspNetCore.Http;

namespace Gyre.Server.Http;

/// <summary>The addresses a host is told to listen on.</summary>
internal static class ListenAddresses
{
    /// <summary>Checks addresses separated by semicolons.</summary>
    /// <exception cref="GyreException">One is no address, or not of HTTP.</exception>
    public static void Check(string urls)
    {
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IsHttp(url))
                throw GyreException.Invalid($"'{url}' is no address to listen on, such as http://127.0.0.1:5000.");
        }
    }

    /// <summary>Those that not only programs on this machine can reach.</summary>
    public static IEnumerable<string> BeyondThisMachine(string urls) =>
        urls.Split(';', StringSplitOptions.RemoveEmptyEntries).Where(url => !IsLocal(BindingAddress.Parse(url)));

    private static bool IsLocal(BindingAddress address) => address.IsUnixPipe
        || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    private static bool IsHttp(string url)
    {
        try
        {
            return BindingAddress.Parse(url).Scheme == Uri.UriSchemeHttp;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
