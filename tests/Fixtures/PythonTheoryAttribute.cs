using System.Diagnostics;

namespace Gyre.Fixtures;

/// <summary>A theory that needs Python with a package; skipped, with the reason, where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonTheoryAttribute : TheoryAttribute
{
    public PythonTheoryAttribute(string package)
    {
        if (Python.Run("-c", $"import {package}").ExitCode != 0)
            Skip = $"Python with the package '{package}' is absent.";
    }
}

/// <summary>Runs the system's Python.</summary>
internal static class Python
{
    public static (int ExitCode, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "/usr/bin/python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.Result);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return (-1, error.Message);
        }
    }
}
