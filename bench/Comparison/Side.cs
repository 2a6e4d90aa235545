using System.Diagnostics;
using System.Text.Json;
using Gyre.Primitives;

namespace Gyre.Bench.Comparison;

/// <summary>
/// One side of a comparison: a process of its own that holds one data set and does what it is told, line by line, so that
/// two sides take turns and each has its own peak of memory.
/// </summary>
internal sealed class Side : IDisposable
{
    private const string DebianPython = "/usr/bin/python3";

    private readonly Process _process;

    private Side(Process process)
    {
        _process = process;
        Description = Answer();
    }

    /// <summary>What the side said of itself when it was ready.</summary>
    public JsonElement Description { get; }

    /// <summary>Why Python's side cannot run here, or null.</summary>
    public static string? WhyNoPython()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(DebianPython, ["-c", "import xgboost, sklearn, pandas"])
            {
                RedirectStandardError = true,
            });
            process!.StandardError.ReadToEnd(); // null only where the shell starts it
            process.WaitForExit();
            if (process.ExitCode == 0) return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"{DebianPython} is absent";
        }

        return $"{DebianPython} has not all of xgboost, scikit-learn and pandas: "
            + "apt-get install python3-xgboost python3-sklearn python3-pandas";
    }

    public static Side Python(ComparisonSet set, string folder, string model, int threads) => Start(
        DebianPython,
        [Path.Combine("bench", "peers", "tabular.py"), Path.Combine(folder, set.File), set.Name, model, $"{threads}"]);

    public static Side Gyre(ComparisonSet set, string folder, string options, int threads)
    {
        var own = Environment.ProcessPath!; // a running program has a path
        string[] program = Path.GetFileNameWithoutExtension(own) == "dotnet" ? [typeof(Side).Assembly.Location] : [];
        return Start(own, [.. program, "comparison", "--side", set.Name, folder, options, $"{threads}"]);
    }

    /// <summary>Has a command done and waits for its answer.</summary>
    public JsonElement Ask(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
        return Answer();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Side Start(string program, string[] arguments) => new(Process.Start(
        new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!);

    private JsonElement Answer() => JsonDocument.Parse(
        _process.StandardOutput.ReadLine() ?? throw GyreException.Invalid("A side of the comparison ended early.")).RootElement;
}
