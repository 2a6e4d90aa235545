using System.CommandLine;
using System.Text.Json;
using Gyre.Cli.Output;
using Gyre.Loop;
using Gyre.Loop.Reports;

namespace Gyre.Cli.Commands;

/// <summary>`gyre compare A B FILE`: two versions on the same rows.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var project = CommonOptions.Project();
        var first = new Argument<string>("A") { Description = "MODEL, MODEL@ALIAS or MODEL@VERSION." };
        var second = new Argument<string>("B") { Description = "The other one." };
        var file = new Argument<string>("FILE") { Description = "CSV, Parquet or JSON lines with inputs and target, which neither was trained on." };
        var metric = new Option<string?>("--metric") { Description = "The metric that comes first; by default that of the task." };
        var json = CommonOptions.JsonOutput();
        var command = new Command("compare",
            "Compare two registered versions on the same rows: paired bootstrap of every metric, McNemar's test of decisions.\n\n" +
            "Example:\n  gyre compare churn@2 churn@3 new.csv")
        {
            first, second, file, metric, json, project,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            using var workspace = Workspace.OpenExisting(parsed.GetValue(project)!.FullName, TimeProvider.System);
            var versions = new VersionEvaluation(workspace);
            var (a, b) = (versions.Find(parsed.GetValue(first)!), versions.Find(parsed.GetValue(second)!)); // required
            var comparison = versions.Compare(a, b, parsed.GetValue(file)!, parsed.GetValue(metric), cancellationToken); // required
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(comparison, LoopJson.Indented));
            else ReportTables.Print(comparison, $"{a.Model}@{a.Version}", $"{b.Model}@{b.Version}");
            return Task.FromResult(0);
        });
        return command;
    }
}
