using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gyre.Tracking.Tests;

/// <summary>The writing program of <see cref="Program"/>, running.</summary>
internal sealed class OtherProcess : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _writing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    public OtherProcess(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && IsDotnet(host) ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(Program).Assembly.Location);
        start.ArgumentList.Add(folder);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        _process = Process.Start(start) ?? throw new InvalidOperationException("The program did not start.");
        _reading = ReadAsync();
    }

    /// <summary>Completes when the program has had some writes acknowledged.</summary>
    public Task Writing => _writing.Task.WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Waits for its end and gives the lines it said.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        await _reading.WaitAsync(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync();
        var error = await _process.StandardError.ReadToEndAsync();
        Assert.True(error.Length == 0, error);
        return [.. _lines];
    }

    /// <summary>Kills it (SIGKILL) and gives the lines it had said.</summary>
    public Task<IReadOnlyList<string>> KillAsync()
    {
        _process.Kill();
        return EndAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private static bool IsDotnet(string path) => Path.GetFileNameWithoutExtension(path) == "dotnet";

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
            if (_lines.Count == 20) _writing.TrySetResult();
        }

        _writing.TrySetResult();
    }
}
