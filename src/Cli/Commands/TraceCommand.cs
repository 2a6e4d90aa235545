using System.CommandLine;
using Gyre.Loop;
using Gyre.Loop.Deployment;

namespace Gyre.Cli.Commands;

/// <summary>`gyre trace ID`: where a prediction came from.</summary>
internal static class TraceCommand
{
    public static Command Create()
    {
        var project = CommonOptions.Project();
        var id = new Argument<string>("ID") { Description = "The predictionId of an answer." };
        var command = new Command("trace",
            "Show where a prediction came from, as JSON: inputs, output, model version, run, data snapshot, pipeline file.\n\n" +
            "Example:\n  gyre trace 01a2024e40d972acb6ddac30effe9971")
        {
            id, project,
        };
        command.SetAction((parsed, _) =>
        {
            using var workspace = Workspace.OpenExisting(parsed.GetValue(project)!.FullName, TimeProvider.System);
            Console.WriteLine(PredictionTrace.Find(workspace, parsed.GetValue(id)!).ToJsonString(LoopJson.Indented));
            return Task.FromResult(0);
        });
        return command;
    }
}
