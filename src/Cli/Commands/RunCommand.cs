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
        var (store, json) = (new TrackingStore(), CommonOptions.JsonFile());
        var command = new Command("run",
            """
            Run the pipeline once: snapshot, check, train, gate, promote. Runs, versions and the ledger go to the
            workspace's database, or to the one that `gyre up --store` was told.

            Examples:
              gyre run --json result.json
              gyre run --store postgresql://gyre:secret@db.example.org/mlflow
            """)
        {
            json,
        };
        store.AddTo(command, withArtifacts: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(store.Project)!.FullName; // has a default
            var definition = await PipelineReader.ReadAsync(folder, cancellationToken);
            using var workspace = Workspace.Open(
                folder, definition.Serving, TimeProvider.System, store.AddressIn(parsed));
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
