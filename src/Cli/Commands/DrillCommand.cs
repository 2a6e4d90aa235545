using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gyre.Loop;
using Gyre.Loop.Deployment;

namespace Gyre.Cli.Commands;

/// <summary>`gyre drill MODEL`: proves that a rollback works.</summary>
internal static class DrillCommand
{
    public static Command Create()
    {
        var project = CommonOptions.Project();
        var json = CommonOptions.JsonOutput();
        var url = new Option<Uri?>("--url")
        {
            Description = "A running server of this workspace; by default one is started for the drill.", HelpName = "URL",
            CustomParser = CommonOptions.ParseUrl,
        };
        var model = new Argument<string>("MODEL") { Description = "The model." };
        var command = new Command("drill",
            "Rehearse a rollback: promote another version, roll back, and check that served predictions are bit-identical.\n\n" +
            "Example:\n  gyre drill bike")
        {
            model, url, project, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(project)!.FullName;
            using var workspace = Workspace.OpenExisting(folder, TimeProvider.System);
            await using var server = parsed.GetValue(url) is { } address
                ? ServerConnection.To(address)
                : await ServerConnection.StartAsync(folder, TimeProvider.System, cancellationToken);
            var result = await new RollbackDrill(workspace, server.Client).RunAsync(parsed.GetValue(model)!, cancellationToken);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(result, LoopJson.Indented)
                : string.Create(CultureInfo.InvariantCulture,
                    $"drill {(result.Ok ? "passed" : "FAILED")}: {result.Model} version {result.Champion} → {result.StandIn} → " +
                    $"{result.Champion} in {result.Seconds:0.00} s; {result.Rows} served predictions " +
                    $"{(result.Ok ? "bit-identical to before" : "differ from before")}"));
            return result.Ok ? 0 : CommandLineHost.OurFault;
        });
        return command;
    }
}
