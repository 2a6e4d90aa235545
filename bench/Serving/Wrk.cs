using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gyre.Primitives;

namespace Gyre.Bench.Serving;

/// <summary>What <c>wrk</c> measured.</summary>
/// <param name="Rate">Requests/s.</param>
/// <param name="P50">In milliseconds.</param>
/// <param name="P99">In milliseconds.</param>
/// <param name="Errors">Answers other than 2xx and 3xx, and failed connections.</param>
internal sealed record WrkResult(double Rate, double P50, double P99, int Errors);

/// <summary>The load generator <c>wrk</c> (Debian: <c>apt-get install wrk</c>): a closed loop over many connections.</summary>
internal static partial class Wrk
{
    /// <summary>Posts a body again and again.</summary>
    /// <exception cref="GyreException">wrk is not installed, or told nothing.</exception>
    public static WrkResult Post(Uri url, string body, int connections, int threads, TimeSpan duration)
    {
        var script = Path.GetTempFileName();
        try
        {
            File.WriteAllText(script,
                $"wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = [==[{body}]==]\n");
            return Read(Run([
                "-c", Text(connections), "-t", Text(threads), "-d", Text((int)duration.TotalSeconds) + "s", "--latency",
                "-s", script, url.ToString(),
            ]));
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static string Run(string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true };
            using var process = Process.Start(start)!; // null only where the shell starts it
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw GyreException.Invalid("wrk is not installed.");
        }
    }

    private static WrkResult Read(string output)
    {
        var rate = Rate().Match(output);
        if (!rate.Success) throw GyreException.Invalid($"wrk told nothing: {output}");
        var errors = Errors().Match(output) is { Success: true } bad ? (int)Number(bad.Groups[1].Value) : 0;
        foreach (Match part in SocketErrors().Matches(output)) errors += (int)Number(part.Groups[1].Value);
        return new WrkResult(Number(rate.Groups[1].Value), Quantile(output, "50%"), Quantile(output, "99%"), errors);
    }

    private static double Quantile(string output, string name)
    {
        var match = Regex.Match(output, $@"{name}\s+([\d.]+)(us|ms|s)\b", RegexOptions.None, TimeSpan.FromSeconds(1));
        return Number(match.Groups[1].Value) * match.Groups[2].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 };
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex Errors();

    [GeneratedRegex(@"(?:connect|read|write|timeout) (\d+)")]
    private static partial Regex SocketErrors();
}
