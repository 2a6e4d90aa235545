using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>The real program as a child process.</summary>
internal sealed class GyreProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private GyreProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public static GyreProcess Start(string workspace, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = workspace, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "gyre.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return new GyreProcess(Process.Start(start)!); // a shell-less start returns a process or throws
    }

    public static async Task<GyreResult> RunAsync(string workspace, params string[] arguments)
    {
        using var process = Start(workspace, arguments);
        return await process.WaitAsync();
    }

    public async Task<GyreResult> WaitAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await _process.WaitForExitAsync(patience.Token);
        return new GyreResult(_process.ExitCode, await _output, await _errors);
    }

    /// <summary>Waits until a server answers a path with success; one that has ended instead fails the test.</summary>
    public Task AnswersAsync(HttpClient client, string path) => Eventually.HoldsAsync(async () =>
    {
        if (HasExited) (await WaitAsync()).Succeeded();
        try
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // not listening yet
        }
    });

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGINT, as Ctrl+C sends it.</summary>
    public void Interrupt() => Process.Start("kill", ["-INT", Id.ToString()]).WaitForExit();

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    /// <summary>A loopback port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>How a command ended.</summary>
internal sealed record GyreResult(int ExitCode, string Output, string Errors)
{
    public GyreResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Errors}");
        return this;
    }
}
