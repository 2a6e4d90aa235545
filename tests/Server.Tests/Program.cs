using Gyre.Serving;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Server.Tests;

/// <summary>
/// The server as a process of its own: serves a workspace and writes its address to standard output. Arguments: the
/// workspace; then, for a test of what is logged, the level, the format, and the milliseconds of a slow prediction.
/// </summary>
internal static class Program
{
    private static void Main(string[] args)
    {
        if (args.Length is not (1 or 4)) return; // started by the test runner, which does not use this
        var logged = args.Length == 4;
        var app = GyreHost.Build(new GyreHostOptions
        {
            Workspace = args[0],
            Urls = "http://127.0.0.1:0",
            LogLevel = logged ? Enum.Parse<LogLevel>(args[1]) : LogLevel.Warning,
            LogFormat = logged ? Enum.Parse<LogFormat>(args[2]) : LogFormat.Text,
            Serving = new ServingOptions
            {
                SlowPrediction = logged ? TimeSpan.FromMilliseconds(int.Parse(args[3])) : TimeSpan.FromMinutes(1),
            },
        });
        app.Start();
        Console.WriteLine(app.Urls.Single());
        app.WaitForShutdown();
    }
}
