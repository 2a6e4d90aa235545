using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gyre.Loop;
using Gyre.Tracking;

namespace Gyre.Cli.Commands;

/// <summary>`gyre backup FILE` and `gyre restore FILE`.</summary>
internal static class BackupCommands
{
    public static Command CreateBackup()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The archive to write." };
        var force = new Option<bool>("--force", "-f") { Description = "Replace the file." };
        var (store, json) = (new TrackingStore(), CommonOptions.JsonOutput());
        var command = new Command("backup",
            """
            Back the database and the artifacts up into one ZIP archive, in one state, while servers go on.

            Examples:
              gyre backup monday.zip
              gyre backup monday.zip --store postgresql://gyre:secret@db.example.org/mlflow
            """)
        {
            file, force, json,
        };
        store.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await StoreBackup.BackupAsync(
                store.AddressIn(parsed), store.LocalIn(parsed), parsed.GetValue(file)!.FullName, // required
                parsed.GetValue(force), TimeProvider.System, cancellationToken);
            Print(report, "backed up", parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    public static Command CreateRestore()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The archive that `gyre backup` wrote." };
        var force = new Option<bool>("--force",
            "-f") { Description = "Replace the database file and the artifacts that are there." };
        var (store, json) = (new TrackingStore(), CommonOptions.JsonOutput());
        var command = new Command("restore",
            """
            Restore what `gyre backup` wrote, into a workspace or, with --store, into another file or an empty PostgreSQL
            database. Replaces nothing unless --force is given; no server may have the database open.

            Examples:
              gyre restore monday.zip --project ./elsewhere
              gyre restore monday.zip --store postgresql://gyre:secret@db.example.org/empty
            """)
        {
            file, force, json,
        };
        store.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await StoreBackup.RestoreAsync(
                parsed.GetValue(file)!.FullName, store.AddressIn(parsed), store.LocalIn(parsed), // required
                parsed.GetValue(force), TimeProvider.System, cancellationToken);
            Print(report, "restored", parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static void Print(BackupReport report, string verb, bool json) => Console.WriteLine(json
        ? JsonSerializer.Serialize(report, LoopJson.Indented)
        : string.Create(CultureInfo.InvariantCulture,
            $"{verb} the database as of {report.CreatedAt:yyyy-MM-dd HH:mm:ss}Z and {report.Files:N0} files "
            + $"({report.Bytes / 1e6:N1} MB)"));
}
