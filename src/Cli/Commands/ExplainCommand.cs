using System.CommandLine;
using System.Text.Json;
using Gyre.Cli.Output;
using Gyre.Data;
using Gyre.Loop;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Reports;

namespace Gyre.Cli.Commands;

/// <summary>`gyre explain MODEL ROW.json`: what each value added to a prediction.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var project = CommonOptions.Project();
        var model = new Argument<string>("MODEL") { Description = "MODEL, MODEL@ALIAS or MODEL@VERSION." };
        var file = new Argument<string>("FILE") { Description = "The row, as JSON, CSV or Parquet with the model's inputs." };
        var row = new Option<int>("--row") { Description = "Which row of the file, from 0.", HelpName = "N" };
        var json = CommonOptions.JsonOutput();
        var command = new Command("explain",
            "Show what each input added to one prediction: exactly for trees (TreeSHAP) and linear models, for others by an estimate of\n" +
            "Shapley values against rows of the training data.\n\n" +
            "Example:\n  gyre explain churn customer.json")
        {
            model, file, row, json, project,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(project)!.FullName;
            var definition = await PipelineReader.ReadAsync(folder, cancellationToken);
            using var workspace = Workspace.OpenExisting(folder, TimeProvider.System);
            var versions = new VersionEvaluation(workspace);
            var explanation = versions.Explain(
                versions.Find(parsed.GetValue(model)!), parsed.GetValue(file)!, parsed.GetValue(row), // required
                new SourceDefinition(definition.Source.Paths), cancellationToken);
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(explanation, LoopJson.Indented));
            else ReportTables.Print(explanation);
            return 0;
        });
        return command;
    }
}
