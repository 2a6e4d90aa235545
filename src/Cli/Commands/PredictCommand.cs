using System.CommandLine;
using System.Text.Json.Nodes;
using Gyre.Loop;
using Gyre.Primitives;

namespace Gyre.Cli.Commands;

/// <summary>
/// `gyre predict FILE`: predictions of a running server for the rows of a file; with `-o`, of files of any size without one.
/// </summary>
internal static class PredictCommand
{
    private const int BatchRows = 500;

    public static Command Create()
    {
        var project = CommonOptions.Project();
        var url = CommonOptions.Url();
        var batch = new BatchPrediction();
        var model = new Option<string?>("--model")
        {
            Description = "The model; by default that of gyre.yaml. With -o also NAME@ALIAS or NAME/VERSION; by default the champion.",
        };
        var limit = new Option<long?>("--limit") { Description = "Only the first N rows.", HelpName = "N" };
        var files = new Argument<string[]>("FILE")
        {
            Description = "CSV, Parquet or JSON lines, columns the model does not know are left out; or, without -o, a PNG image or a folder of them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("predict",
            "Predict the rows of a file with a running server; prints one JSON line a row: predictionId and prediction.\n" +
            "With -o, score files of any size here, without a server and on all cores; stopped or killed, the same command goes on.\n" +
            "With --explain, show what each column added to every prediction (trees and linear models).\n\n" +
            "Examples:\n  gyre predict new.csv --limit 10 > predictions.jsonl\n" +
            "  gyre predict 'data/*.csv.gz' -o scored.parquet --keep id\n" +
            "  gyre predict new.csv --explain --limit 3\n" +
            "  gyre predict new.csv -o scored.csv --explain")
        {
            files, model, limit, url, project,
        };
        batch.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var named = parsed.GetValue(files) ?? [];
            var folder = parsed.GetValue(project)?.FullName ?? "";
            if (batch.IsAskedFor(parsed))
                return await batch.RunAsync(parsed, folder, parsed.GetValue(model), named, parsed.GetValue(limit), cancellationToken);
            var (file, rowLimit) = (One(named), (int?)Math.Min(parsed.GetValue(limit) ?? int.MaxValue, int.MaxValue));
            var target = await ServedModel.FindAsync(folder, parsed.GetValue(model), parsed.GetValue(url), cancellationToken);
            using var client = new HttpClient { BaseAddress = target.Address };
            var inputs = (await target.MetadataAsync(client, cancellationToken)).Inputs;
            if (ImageRows.Find(file, rowLimit) is { } images)
            {
                await PredictImagesAsync(target, client, images, ImageRows.Input(inputs, target.Model), cancellationToken);
                return 0;
            }

            var rows = Rows.Read(file, rowLimit,
                name => inputs.TryGetValue(name, out var datatype) && datatype != "BYTES").Select(row => Keep(row, inputs));
            foreach (var some in rows.Chunk(BatchRows))
            {
                var answer = await target.PostAsync(client, $"predict/{target.Model}",
                    new JsonObject { ["rows"] = new JsonArray([.. some]) }, cancellationToken);
                Print(answer);
            }

            return 0;
        });
        return command;
    }

    private static string One(string[] files) => files.Length == 1
        ? files[0]
        : throw GyreException.Invalid("a server is asked for the rows of one file; several need -o");

    private static async Task PredictImagesAsync(
        ServedModel target, HttpClient client, IReadOnlyList<string> files, string input, CancellationToken cancellationToken)
    {
        foreach (var batch in files.Chunk(ImageRows.BatchFiles))
        {
            var rows = batch.Select(file => new JsonObject { [input] = ImageRows.Encode(file) }).ToArray<JsonNode>();
            var answer = await target.PostAsync(client, $"predict/{target.Model}",
                new JsonObject { ["rows"] = new JsonArray(rows) }, cancellationToken);
            Print(answer, batch);
        }
    }

    private static JsonObject Keep(JsonObject row, IReadOnlyDictionary<string, string> inputs)
    {
        foreach (var name in row.Select(value => value.Key).Where(name => !inputs.ContainsKey(name)).ToList()) row.Remove(name);
        return row;
    }

    private static void Print(JsonObject answer, string[]? files = null)
    {
        var ids = answer["predictionIds"]?.AsArray() ?? [answer["predictionId"]?.DeepClone()];
        var predictions = answer["predictions"]?.AsArray() ?? [];
        for (var i = 0; i < predictions.Count; i++)
        {
            var line = new JsonObject
            {
                ["predictionId"] = ids[i]?.DeepClone(), ["prediction"] = predictions[i]?.DeepClone(),
            };
            if (files is not null) line["file"] = files[i];
            Console.WriteLine(line.ToJsonString(LoopJson.Compact));
        }
    }
}
