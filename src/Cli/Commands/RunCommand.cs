using System.CommandLine;
using System.Text.Json;
using Gyre.Cli.Output;
using Gyre.Loop;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Runs;
using Gyre.Primitives;

namespace Gyre.Cli.Commands;

/// <summary>`gyre run`: the pipeline once, from snapshot to promotion.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var project = CommonOptions.Project();
        var json = CommonOptions.JsonFile();
        var command = new Command("run",
            "Run the pipeline once: snapshot, check, train, gate, promote.\n\nExample:\n  gyre run --json result.json")
        {
            project, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(project)!.FullName;
            var definition = await PipelineReader.ReadAsync(folder, cancellationToken);
            using var workspace = Workspace.Open(folder, definition.Serving, TimeProvider.System);
            var runner = new PipelineRunner(workspace);
            var outcome = await ProgressDisplay.ShowAsync(
                progress => runner.RunAsync(definition, RunRequest.Manual, progress, cancellationToken));
            RunSummary.Print(outcome);
            if (parsed.GetValue(json) is { } file)
            {
                var text = JsonSerializer.Serialize(outcome, LoopJson.Indented);
                await DurableFile.WriteTextAsync(file.FullName, text + "\n", cancellationToken);
            }

            return 0;
        });
        return command;
    }
}
