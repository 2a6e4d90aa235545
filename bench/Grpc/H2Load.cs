using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gyre.Primitives;

namespace Gyre.Bench.Grpc;

/// <summary>nghttp2's load generator (Debian's nghttp2-client), which costs less than the server that it asks.</summary>
internal static partial class H2Load
{
    /// <summary>Requests/s of one connection that keeps a number of calls under way.</summary>
    /// <exception cref="GyreException">It is absent, or calls failed.</exception>
    public static double Run(Uri address, string path, string bodyFile, int calls, TimeSpan duration)
    {
        var seconds = ((int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("h2load",
        [
            "-D", seconds, "-c", "1", "-m", calls.ToString(CultureInfo.InvariantCulture), "-d", bodyFile,
            "-H", "te: trailers", "-H", "content-type: application/grpc", new Uri(address, path).ToString(),
        ])
        {
            RedirectStandardOutput = true,
        };
        using var process = Start(start);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var rate = Rate().Match(output);
        var codes = Codes().Match(output);
        if (!rate.Success || !codes.Success || codes.Groups[1].Value != "0")
            throw GyreException.Invalid($"h2load: {output}");
        return double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!; // null only where the shell starts it
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw GyreException.Invalid("h2load is absent; Debian's package nghttp2-client has it.");
        }
    }

    [GeneratedRegex(@"finished in [^,]*, ([0-9.]+) req/s")]
    private static partial Regex Rate();

    [GeneratedRegex(@"2xx, [0-9]+ 3xx, ([0-9]+) 4xx")]
    private static partial Regex Codes();
}
