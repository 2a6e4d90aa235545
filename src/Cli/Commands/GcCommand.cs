using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gyre.Loop;
using Gyre.Tracking;

namespace Gyre.Cli.Commands;

/// <summary>`gyre gc --older-than 30d`: removes for good what was deleted.</summary>
internal static class GcCommand
{
    public static Command Create()
    {
        var older = new Option<TimeSpan>("--older-than")
        {
            Description = "How long ago it was deleted: 30d, 12h, 0d for everything that is deleted.", HelpName = "AGE",
            Required = true, CustomParser = argument => CommonOptions.ParseAge("--older-than", argument),
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Tell what would be removed; remove nothing." };
        var (store, json) = (new TrackingStore(), CommonOptions.JsonOutput());
        var command = new Command("gc",
            """
            Remove for good what was deleted: runs, experiments, logged models and versions, with their artifacts. What a
            version that is not deleted needs stays. May run beside a server; one that is killed is finished by the next.

            Examples:
              gyre gc --older-than 30d --dry-run
              gyre gc --older-than 30d
            """)
        {
            older, dryRun, json,
        };
        store.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var database = store.OpenIn(parsed);
            var report = await new GarbageCollector(database, store.FolderIn(parsed), store.RootIn(parsed),
                TimeProvider.System)
                .RunAsync(parsed.GetValue(older), parsed.GetValue(dryRun), cancellationToken);
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(report, LoopJson.Indented));
            else Print(report);
            return 0;
        });
        return command;
    }

    private static void Print(GcReport report)
    {
        foreach (var kept in report.Kept) Console.WriteLine($"kept {kept}");
        foreach (var left in report.Left)
            Console.WriteLine($"files not removed, as they are not below the artifact folder (see --artifacts): {left}");
        var folders = string.Create(CultureInfo.InvariantCulture, $"; {report.Artifacts:N0} folders of artifacts");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(report.IsDryRun ? "would remove" : "removed")} {report.Runs:N0} runs, {report.Experiments:N0} experiments, "
            + $"{report.LoggedModels:N0} logged models, {report.Versions:N0} versions{(report.IsDryRun ? "" : folders)}"));
    }
}
