using Microsoft.Extensions.Hosting;

namespace Gyre.Server.Tests;

/// <summary>The server as a process of its own: serves a workspace and writes its address to standard output.</summary>
internal static class Program
{
    private static void Main(string[] args)
    {
        if (args.Length != 1) return; // started by the test runner, which does not use this
        var app = GyreHost.Build(new GyreHostOptions { Workspace = args[0], Urls = "http://127.0.0.1:0" });
        app.Start();
        Console.WriteLine(app.Urls.Single());
        app.WaitForShutdown();
    }
}
