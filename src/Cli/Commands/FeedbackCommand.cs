using System.CommandLine;
using System.Text.Json.Nodes;
using Gyre.Primitives;

namespace Gyre.Cli.Commands;

/// <summary>`gyre feedback FILE`: actual values for earlier predictions.</summary>
internal static class FeedbackCommand
{
    private const int BatchRows = 1000;

    public static Command Create()
    {
        var project = CommonOptions.Project();
        var url = CommonOptions.Url();
        var model = new Option<string?>("--model") { Description = "The model; by default that of gyre.yaml." };
        var file = new Argument<string>("FILE")
        {
            Description = "CSV, Parquet or JSON lines with the columns predictionId and actual.",
        };
        var command = new Command("feedback",
            "Send actual values for earlier predictions to a running server.\n\nExample:\n  gyre feedback actuals.csv")
        {
            file, model, url, project,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var target = await ServedModel.FindAsync(
                parsed.GetValue(project)!.FullName, parsed.GetValue(model), parsed.GetValue(url), cancellationToken);
            using var client = new HttpClient { BaseAddress = target.Address };
            var isRegression = (await target.MetadataAsync(client, cancellationToken)).Outputs.ContainsKey("prediction");
            var items = Rows.Read(parsed.GetValue(file)!, limit: null, name => isRegression && name == "actual").Select(row => Item(row, parsed.GetValue(file)!)).ToList();
            var accepted = 0;
            var refused = new List<string>();
            foreach (var batch in items.Chunk(BatchRows))
            {
                var answer = await target.PostAsync(
                    client, $"feedback/{target.Model}", new JsonArray([.. batch]), cancellationToken);
                accepted += answer["accepted"]?.GetValue<int>() ?? 0;
                refused.AddRange(Refused(answer));
            }

            Console.WriteLine($"{accepted} actual values recorded");
            foreach (var line in refused.Take(10)) await Console.Error.WriteLineAsync($"gyre: {line}");
            if (refused.Count > 10) await Console.Error.WriteLineAsync($"gyre: … and {refused.Count - 10} more");
            return refused.Count > 0 ? CommandLineHost.UserFault : 0;
        });
        return command;
    }

    private static IEnumerable<string> Refused(JsonObject answer) => (answer["results"]?.AsArray() ?? [])
        .Where(result => result?["status"]?.ToString() != "accepted")
        .Select(result => $"{result?["predictionId"]}: {result?["status"]} {result?["error"]}".TrimEnd());

    private static JsonNode Item(JsonObject row, string file)
    {
        foreach (var name in new[] { "predictionId", "actual" })
            if (!row.ContainsKey(name)) throw GyreException.Invalid($"{file}: there is no column '{name}'");
        return new JsonObject { ["predictionId"] = row["predictionId"]?.DeepClone(), ["actual"] = row["actual"]?.DeepClone() };
    }
}
