using System.CommandLine;
using Gyre.Cli.Output;
using Gyre.Loop;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Reports;
using Gyre.Primitives;

namespace Gyre.Cli.Commands;

/// <summary>`gyre evaluate MODEL FILE`: a report of a registered version.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var project = CommonOptions.Project();
        var model = new Argument<string?>("MODEL") { Description = "MODEL, MODEL@ALIAS or MODEL@VERSION; by default the champion of gyre.yaml.", Arity = ArgumentArity.ZeroOrOne };
        var file = new Argument<string?>("FILE") { Description = "CSV, Parquet or JSON lines with inputs and target; without it, the report on held-out rows that the run wrote.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string>("--output", "-o") { Description = "The folder to write into.", HelpName = "DIR", DefaultValueFactory = _ => "evaluation" };
        var metric = new Option<string?>("--metric") { Description = "The metric of slices and importance; by default that of the task." };
        var command = new Command("evaluate",
            "Evaluate a registered version on the rows of a file: report.html, a picture per chart, evaluation.json.\n\n" +
            "Examples:\n  gyre evaluate churn\n  gyre evaluate churn@3 new.csv --output report")
        {
            model, file, output, metric, project,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(project)!.FullName;
            var name = parsed.GetValue(model) ?? (await PipelineReader.ReadAsync(folder, cancellationToken)).Model;
            using var workspace = Workspace.OpenExisting(folder, TimeProvider.System);
            var versions = new VersionEvaluation(workspace);
            var version = versions.Find(name);
            if (parsed.GetValue(file) is not { } rows)
            {
                Console.WriteLine(versions.ReportOf(version) ?? throw GyreException.NotFound(
                    $"{version.Model} version {version.Version} has no report of its own; name a FILE, or set training.evaluation.report: always"));
                return 0;
            }

            var report = versions.Evaluate(version, rows, parsed.GetValue(metric), cancellationToken);
            var into = Path.GetFullPath(parsed.GetValue(output)!); // it has a default
            await report.WriteAsync(into, cancellationToken);
            ReportTables.Print(report.Evaluation);
            Console.WriteLine(Path.Combine(into, EvaluationReport.PageFile));
            return 0;
        });
        return command;
    }
}
