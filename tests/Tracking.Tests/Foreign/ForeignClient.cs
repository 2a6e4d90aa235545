using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Gyre.Tracking.Tests.Foreign;

/// <summary>Programs that others wrote, talking to the server.</summary>
internal static class ForeignClient
{
    /// <summary>Runs a program and parses what it printed as JSON.</summary>
    public static JsonNode RunJson(string folder, string program, params string[] arguments)
    {
        var (exitCode, output, errors) = Run(folder, program, arguments);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors}{output}");
        return JsonNode.Parse(output)!; // it printed an object
    }

    /// <summary>Whether a program can be run and ends with 0.</summary>
    public static bool Works(string program, params string[] arguments)
    {
        try
        {
            return Run(".", program, arguments).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    public static (int ExitCode, string Output, string Errors) Run(
        string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!; // null only where the shell starts it
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
