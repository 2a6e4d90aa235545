using System.CommandLine;
using Gyre.Loop;
using Gyre.Loop.Deployment;

namespace Gyre.Cli.Commands;

/// <summary>`gyre rollback MODEL`: the previous champion again.</summary>
internal static class RollbackCommand
{
    public static Command Create()
    {
        var project = CommonOptions.Project();
        var model = new Argument<string>("MODEL") { Description = "The model." };
        var reason = new Option<string>("--reason")
        {
            Description = "Why, for the ledger.", DefaultValueFactory = _ => "asked for by hand",
        };
        var command = new Command("rollback",
            "Restore the previous champion; a running server follows within a second.\n\nExample:\n  gyre rollback bike --reason \"wrong on Sundays\"")
        {
            model, reason, project,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var workspace = Workspace.OpenExisting(parsed.GetValue(project)!.FullName, TimeProvider.System);
            var change = await new Promotion(workspace).RollBackAsync(
                parsed.GetValue(model)!, parsed.GetValue(reason)!, cancellationToken);
            Console.WriteLine($"{change.Model} version {change.ToVersion} is champion again, instead of version {change.FromVersion}");
            return 0;
        });
        return command;
    }
}
