using System.CommandLine;
using System.Text.Json;
using Gyre.Cli.Demo;
using Gyre.Loop;
using Gyre.Primitives;

namespace Gyre.Cli.Commands;

/// <summary>`gyre demo`: the whole loop on real data in under a minute.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var json = CommonOptions.JsonFile();
        var keep = new Option<DirectoryInfo?>("--keep")
        {
            Description = "Keep the demo's workspace in this folder, to look around with the other commands.", HelpName = "DIR",
        };
        var command = new Command("demo",
            "Run the loop on real data: train on the bike rentals of 2011, serve January to August 2012 hour by hour, " +
            "detect the decay, retrain, gate, promote, block a bad candidate, and rehearse a rollback.\n\n" +
            "Example:\n  gyre demo --keep bike-demo && gyre ledger --project bike-demo")
        {
            json, keep,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var kept = parsed.GetValue(keep);
            if (kept is { Exists: true } && kept.EnumerateFileSystemInfos().Any())
                throw new GyreException(ErrorCode.AlreadyExists, $"{kept.FullName}: the folder is not empty");
            var folder = kept?.FullName ?? Directory.CreateTempSubdirectory("gyre-demo-").FullName;
            try
            {
                var report = await new BikeDemo(folder, new DemoDisplay()).RunAsync(cancellationToken);
                if (parsed.GetValue(json) is { } file)
                {
                    await DurableFile.WriteTextAsync(
                        file.FullName, JsonSerializer.Serialize(report, LoopJson.Indented) + "\n", cancellationToken);
                }

                return report.Succeeded ? 0 : CommandLineHost.OurFault;
            }
            finally
            {
                if (kept is null) Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }
}
