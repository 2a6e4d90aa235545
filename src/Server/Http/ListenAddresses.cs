using System.Net;
using Gyre.Primitives;
using Microsoft.AspNetCore.Http;

namespace Gyre.Server.Http;

/// <summary>The addresses a host is told to listen on.</summary>
internal static class ListenAddresses
{
    /// <summary>Checks addresses separated by semicolons.</summary>
    /// <param name="urls">The addresses.</param>
    /// <param name="withCertificate">Whether <c>https</c> can be served; then one must be.</param>
    /// <exception cref="GyreException">One is no address, or not one that can be served.</exception>
    public static void Check(string urls, bool withCertificate)
    {
        var any = false;
        foreach (var url in Split(urls))
        {
            var scheme = SchemeOf(url);
            if (scheme == Uri.UriSchemeHttps && !withCertificate)
                throw GyreException.Invalid($"'{url}' needs a certificate: --tls-cert FILE --tls-key FILE.");
            if (scheme != Uri.UriSchemeHttp && scheme != Uri.UriSchemeHttps)
                throw GyreException.Invalid($"'{url}' is no address to listen on, such as http://127.0.0.1:5000.");
            any |= scheme == Uri.UriSchemeHttps;
        }

        if (withCertificate && !any)
            throw GyreException.Invalid($"'{urls}' has no https address that would use the certificate.");
    }

    /// <summary>Those that not only programs on this machine can reach.</summary>
    public static IEnumerable<string> BeyondThisMachine(string urls) =>
        Split(urls).Where(url => !IsLocal(BindingAddress.Parse(url)));

    private static bool IsLocal(BindingAddress address) => address.IsUnixPipe
        || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    /// <summary>How many addresses there are.</summary>
    public static int Count(string urls) => Split(urls).Length;

    /// <summary>Addresses, and further ones after them.</summary>
    public static string Join(string urls, string? further) =>
        string.Join(';', Split(urls).Concat(Split(further ?? "")));

    private static string[] Split(string urls) =>
        urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? SchemeOf(string url)
    {
        try
        {
            return BindingAddress.Parse(url).Scheme;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
