using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gyre.Loop;
using Gyre.Tracking;

namespace Gyre.Cli.Commands;

/// <summary>`gyre upgrade --store ADDRESS --to ADDRESS`: copies a database into a new one at the present revision.</summary>
internal static class UpgradeCommand
{
    public static Command Create()
    {
        var store = new Option<string>("--store")
        {
            Description = "The database to copy: sqlite:///FILE or postgresql://…; it is only read.", HelpName = "ADDRESS",
            Required = true,
        };
        var to = new Option<string>("--to")
        {
            Description = "The copy: a file that does not exist yet, or the address of an empty PostgreSQL database.",
            HelpName = "FILE", Required = true,
        };
        var leaveOut = new Option<string[]>("--leave-out") { Description = "A table whose rows are not wanted.", HelpName = "TABLE" };
        var json = CommonOptions.JsonOutput();
        var command = new Command("upgrade",
            """
            Copy a database of an older MLflow, or of this one, into a new one at the schema revision that is used here.
            The source is never changed. Also moves a store from SQLite to PostgreSQL and back.

            Examples:
              gyre upgrade --store sqlite:///mlflow.db --to mlflow-new.db
              gyre upgrade --store sqlite:///.gyre/gyre.db --to postgresql://gyre:secret@db.example.org/mlflow
            """)
        {
            store, to, leaveOut, json,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var from = StoreAddress.Parse(parsed.GetValue(store)!); // required
            var target = CommonOptions.StoreOrFile(parsed.GetValue(to)!); // required
            var report = StoreCopy.Copy(
                from, target, (parsed.GetValue(leaveOut) ?? []).ToHashSet(StringComparer.Ordinal), TimeProvider.System,
                cancellationToken);
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(report, LoopJson.Indented));
            else Print(target, report);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Print(StoreAddress target, StoreCopyReport report)
    {
        foreach (var (table, rows) in report.Rows)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{table,-28} {rows,12:N0} rows"));
        Console.WriteLine(report.FromRevision == report.ToRevision
            ? $"copied to {target}"
            : $"copied to {target}: revision {report.FromRevision} became {report.ToRevision}");
    }
}
