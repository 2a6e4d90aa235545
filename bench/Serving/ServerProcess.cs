using System.Diagnostics;
using System.Net;
using Gyre.Primitives;

namespace Gyre.Bench.Serving;

/// <summary>The measured server as a process of its own, ended with this object.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri address, TimeSpan startToHealth) =>
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

    /// <summary>Starts a server.</summary>
    /// <param name="workspace">Its workspace.</param>
    /// <param name="how">Options of <see cref="BenchmarkHost"/>.</param>
    /// <param name="model">What must be ready.</param>
    public static ServerProcess Start(string workspace, string[]? how = null, string model = "adult")
    {
        var own = Environment.ProcessPath!; // a running program has a path
        var isHost = Path.GetFileNameWithoutExtension(own) == "dotnet";
        var start = new ProcessStartInfo(own) { RedirectStandardOutput = true };
        if (isHost) start.ArgumentList.Add(typeof(ServerProcess).Assembly.Location);
        foreach (var argument in (string[])["serving", "--serve", workspace, .. how ?? []]) start.ArgumentList.Add(argument);

        var clock = Stopwatch.StartNew();
        var process = Process.Start(start)!; // null only where the shell starts it
        var line = process.StandardOutput.ReadLine() ?? throw GyreException.Invalid("The server did not start.");
        var address = new Uri(line);
        using var client = new HttpClient();
        client.GetAsync(new Uri(address, "/health")).GetAwaiter().GetResult().EnsureSuccessStatusCode();
        var elapsed = clock.Elapsed;
        var ready = new Uri(address, $"/v2/models/{model}/ready");
        while (client.GetAsync(ready).GetAwaiter().GetResult().StatusCode != HttpStatusCode.OK) Thread.Sleep(20);
        return new ServerProcess(process, address, elapsed);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
