using System.CommandLine;
using System.Text.Json.Nodes;
using Gyre.Loop;

namespace Gyre.Cli.Commands;

/// <summary>`gyre predict FILE`: predictions of a running server for the rows of a file.</summary>
internal static class PredictCommand
{
    private const int BatchRows = 500;

    public static Command Create()
    {
        var project = CommonOptions.Project();
        var url = CommonOptions.Url();
        var model = new Option<string?>("--model") { Description = "The model; by default that of gyre.yaml." };
        var limit = new Option<int?>("--limit") { Description = "Only the first N rows.", HelpName = "N" };
        var file = new Argument<string>("FILE") { Description = "CSV, Parquet or JSON lines, columns the model does not know are left out; or a PNG image or a folder of them." };
        var command = new Command("predict",
            "Predict the rows of a file with a running server; prints one JSON line a row: predictionId and prediction.\n\n" +
            "Example:\n  gyre predict new.csv --limit 10 > predictions.jsonl")
        {
            file, model, limit, url, project,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var target = await ServedModel.FindAsync(
                parsed.GetValue(project)!.FullName, parsed.GetValue(model), parsed.GetValue(url), cancellationToken);
            using var client = new HttpClient { BaseAddress = target.Address };
            var inputs = (await target.MetadataAsync(client, cancellationToken)).Inputs;
            if (ImageRows.Find(parsed.GetValue(file)!, parsed.GetValue(limit)) is { } images)
            {
                await PredictImagesAsync(target, client, images, ImageRows.Input(inputs, target.Model), cancellationToken);
                return 0;
            }

            var rows = Rows.Read(parsed.GetValue(file)!, parsed.GetValue(limit),
                name => inputs.TryGetValue(name, out var datatype) && datatype != "BYTES").Select(row => Keep(row, inputs));
            foreach (var batch in rows.Chunk(BatchRows))
            {
                var answer = await target.PostAsync(client, $"predict/{target.Model}",
                    new JsonObject { ["rows"] = new JsonArray([.. batch]) }, cancellationToken);
                Print(answer);
            }

            return 0;
        });
        return command;
    }

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
