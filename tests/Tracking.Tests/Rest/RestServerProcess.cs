using System.Diagnostics;

namespace Gyre.Tracking.Tests.Rest;

/// <summary>The server of <see cref="RestFixture"/> as a process of its own, to be killed.</summary>
internal sealed class RestServerProcess : IDisposable
{
    private readonly Process _process;

    private RestServerProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<RestServerProcess> StartAsync(string folder)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(Program).Assembly.Location, folder, Program.Serve])
        {
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!; // null only where the shell starts it
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return new RestServerProcess(process, new Uri(line!)); // it ends with an error otherwise
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
