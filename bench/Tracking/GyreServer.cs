using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gyre.Primitives;

namespace Gyre.Bench.Tracking;

/// <summary><c>gyre up</c> as a process of its own, ended with this object.</summary>
internal sealed partial class GyreServer : IDisposable
{
    private readonly Process _process;

    private GyreServer(Process process, Uri address, TimeSpan startToHealth) =>
        (_process, Address, StartToHealth) = (process, address, startToHealth);

    public Uri Address { get; }

    /// <summary>From the start of the process to the answer of /health.</summary>
    public TimeSpan StartToHealth { get; }

    /// <summary>Processor time used so far, by all threads.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory now, in MiB.</summary>
    public double ResidentMiB
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / (double)(1 << 20);
        }
    }

    /// <summary>Starts the server in a folder and waits for it to answer.</summary>
    /// <param name="folder">Where its workspace lies.</param>
    /// <param name="store">The address of its database; the workspace's own when null.</param>
    public static GyreServer Start(string folder, string? store)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = folder, RedirectStandardOutput = true };
        foreach (var argument in new[] { CommandFile(), "up", "--urls", "http://127.0.0.1:0" })
            start.ArgumentList.Add(argument);
        if (store is not null)
        {
            start.ArgumentList.Add("--store");
            start.ArgumentList.Add(store);
        }

        var clock = Stopwatch.StartNew();
        var process = Process.Start(start)!; // null only where the shell starts it
        var line = process.StandardOutput.ReadLine() ?? throw GyreException.Invalid("The server did not start.");
        var address = new Uri(Url().Match(line).Value);
        using var client = new HttpClient();
        client.GetAsync(new Uri(address, "/health")).GetAwaiter().GetResult().EnsureSuccessStatusCode();
        return new GyreServer(process, address, clock.Elapsed);
    }

    /// <summary>Kills the process, as a crash would.</summary>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>The command's file; the project file sees to it that it is built.</summary>
    private static string CommandFile()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gyre.slnx"))) folder = folder.Parent;
        var root = folder?.FullName ?? throw GyreException.Invalid("The benchmark runs outside a checkout.");
        return Path.Combine(root, "src", "Cli", "bin", "Release",
            string.Create(CultureInfo.InvariantCulture, $"net{Environment.Version.Major}.0"), "gyre.dll");
    }

    [GeneratedRegex(@"http://[^\s;,]+")]
    private static partial Regex Url();
}
