using System.Diagnostics;

namespace Gyre.Server.Tests.Metrics;

/// <summary>Prometheus' own check of an exposition.</summary>
internal static class Promtool
{
    /// <summary>What <c>promtool check metrics</c> says of a text: lines of complaints, none when all is well.</summary>
    public static async Task<string[]> CheckAsync(string text)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", "check metrics")
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!; // null only where the shell starts it
        var said = promtool.StandardError.ReadToEndAsync();
        var also = promtool.StandardOutput.ReadToEndAsync();
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync();
        var lines = (await said + await also).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(promtool.ExitCode == 0 || lines.Length > 0, $"promtool ended with {promtool.ExitCode} in silence.");
        return lines;
    }
}
