using System.CommandLine;
using System.Text.Json;
using Gyre.Loop;
using Gyre.Loop.Deployment;
using Gyre.Loop.Pipeline;

namespace Gyre.Cli.Commands;

/// <summary>`gyre submit FILE`: a competition's submission, scored here without a server.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var project = CommonOptions.Project();
        var file = new Argument<string>("FILE") { Description = "CSV, Parquet or JSON lines with the model's inputs." };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The CSV file to write.", HelpName = "FILE", DefaultValueFactory = _ => "submission.csv",
        };
        var id = new Option<string?>("--id")
        {
            Description = "The column that names rows; by default the first when the model does not read it, else rows are numbered from 0.",
            HelpName = "COLUMN",
        };
        var column = new Option<string?>("--column") { Description = "The header of the predictions; by default the target's.", HelpName = "NAME" };
        var probabilities = new Option<bool>("--probabilities")
        {
            Description = "Of classes: the probability of the positive one, or of each, instead of the label.",
        };
        var model = new Option<string?>("--model") { Description = "The model; by default that of gyre.yaml." };
        var version = new Option<int?>("--model-version") { Description = "The version; by default the champion.", HelpName = "N" };
        var json = CommonOptions.JsonOutput();
        var command = new Command("submit",
            "Score the rows of a file with the champion and write one line a row: id and prediction, as competitions take it. " +
            "Of a recommender: each user and the items, joined by spaces.\n\n" +
            "Examples:\n  gyre submit data/test.csv.gz\n  gyre submit test.csv -o mine.csv --id PassengerId --column Survived")
        {
            file, output, id, column, probabilities, model, version, json, project,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(project)!.FullName;
            var name = parsed.GetValue(model) ?? (await PipelineReader.ReadAsync(folder, cancellationToken)).Model;
            using var workspace = Workspace.OpenExisting(folder, TimeProvider.System);
            var result = await new Submission(workspace).WriteAsync(
                new SubmissionRequest(name, parsed.GetValue(file)!, parsed.GetValue(output)!)
                {
                    Id = parsed.GetValue(id), Column = parsed.GetValue(column), Version = parsed.GetValue(version),
                    Probabilities = parsed.GetValue(probabilities),
                }, progress: null, cancellationToken);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(result, LoopJson.Indented)
                : $"{result.Output}: {result.Rows:N0} predictions of {result.Model} version {result.Version}");
            return 0;
        });
        return command;
    }
}
