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
            var items = Rows.Read(parsed.GetValue(file)!).Select(row => Item(row, parsed.GetValue(file)!)).ToList();
            var accepted = 0;
            var unknown = 0;
            foreach (var batch in items.Chunk(BatchRows))
            {
                var answer = await target.PostAsync(
                    client, $"feedback/{target.Model}", new JsonArray([.. batch]), cancellationToken);
                accepted += answer["accepted"]?.GetValue<int>() ?? 0;
                unknown += answer["unknown"]?.AsArray().Count ?? 0;
            }

            Console.WriteLine($"{accepted} actual values recorded" + (unknown > 0 ? $", {unknown} unknown prediction ids" : ""));
            return unknown > 0 ? CommandLineHost.UserFault : 0;
        });
        return command;
    }

    private static JsonNode Item(JsonObject row, string file)
    {
        foreach (var name in new[] { "predictionId", "actual" })
            if (!row.ContainsKey(name)) throw GyreException.Invalid($"{file}: there is no column '{name}'");
        return new JsonObject { ["predictionId"] = row["predictionId"]?.DeepClone(), ["actual"] = row["actual"]?.DeepClone() };
    }
}
