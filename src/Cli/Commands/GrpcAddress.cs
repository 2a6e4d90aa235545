using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Gyre.Cli.Commands;

/// <summary>Where `gyre up` offers gRPC when it is not told.</summary>
internal static class GrpcAddress
{
    /// <summary>
    /// The port after the first one of HTTP. Null where that port is any free one, under TLS, where one port serves
    /// both, and where another program has the port, which is a warning: nobody asked for it.
    /// </summary>
    public static string? Beside(string urls, TextWriter warnings)
    {
        var first = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault();
        if (first is null || Parse(first) is not { } address || address.Scheme != Uri.UriSchemeHttp) return null;
        if (address.Port is 0 or IPEndPoint.MaxPort || address.IsUnixPipe) return null;
        var port = address.Port + 1;
        if (IsFree(port)) return string.Create(CultureInfo.InvariantCulture, $"http://{address.Host}:{port}");
        warnings.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"warning: port {port} is taken, so gRPC is not served; name another with --grpc-urls"));
        return null;
    }

    private static BindingAddress? Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return null; // the host says what is wrong with it
        }
    }

    private static bool IsFree(int port)
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
