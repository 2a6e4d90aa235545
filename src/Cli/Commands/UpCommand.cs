using System.CommandLine;
using Gyre.Loop.Pipeline;
using Gyre.Server;
using Gyre.Serving;
using Gyre.Tracking;
using Microsoft.Extensions.Logging;

namespace Gyre.Cli.Commands;

/// <summary>`gyre up`: serves the champion, logs, watches, retrains.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var project = CommonOptions.Project();
        var urls = new Option<string?>("--urls")
        {
            Description = "Where to listen; by default serving.urls of gyre.yaml.", HelpName = "URLS",
        };
        var command = new Command("up",
            "Serve the champion, log predictions, watch them, and retrain when it pays.\n\nExample:\n  gyre up --urls http://127.0.0.1:5000")
        {
            urls, project,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(project)!.FullName;
            var definition = await PipelineReader.ReadAsync(folder, cancellationToken);
            await using var server = GyreHost.Build(new GyreHostOptions
            {
                Workspace = folder,
                Urls = parsed.GetValue(urls) ?? definition.Serving.Urls,
                Time = TimeProvider.System,
                Durability = definition.Serving.DurableDevice ? Durability.Device : Durability.Process,
                Serving = new ServingOptions { StrictPredictionLog = definition.Serving.StrictLog },
                Loop = true,
                LogLevel = LogLevel.Information,
            });
            await server.StartAsync(cancellationToken);
            Console.WriteLine($"gyre serves '{definition.Model}' at {string.Join(", ", server.Urls)}; Ctrl+C stops it");
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var stop = cancellationToken.Register(stopped.SetResult);
            await stopped.Task;
            await server.StopAsync(CancellationToken.None);
            return 0;
        });
        return command;
    }
}
