using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gyre.Loop;
using Gyre.Loop.Deployment;
using Gyre.Loop.Pipeline;
using Gyre.Primitives;
using Gyre.Serving;
using Gyre.Tabular;
using Gyre.Tracking;
using Spectre.Console;

namespace Gyre.Cli.Commands;

/// <summary>`gyre predictions`: what was served, and `gyre predictions export`: all of it as Parquet.</summary>
internal static class PredictionsCommand
{
    private const int DefaultCount = 20;
    private const int LongestCell = 60;

    public static Command Create()
    {
        var options = new Options();
        var json = CommonOptions.JsonOutput();
        var last = new Option<int>("--last")
        {
            Description = "At most N, the newest.", HelpName = "N", DefaultValueFactory = _ => DefaultCount,
        };
        var command = new Command("predictions",
            """
            Show the newest recorded predictions with what became of them.

            Examples:
              gyre predictions --last 5
              gyre predictions --from 2026-01-01 --json
            """)
        {
            last, json,
        };
        options.AddTo(command);
        command.SetAction((parsed, _) =>
        {
            var count = parsed.GetValue(last);
            if (count < 1) throw GyreException.Invalid($"--last: {count} is not 1 or more");
            using var database = options.Open(parsed);
            using var connection = database.OpenConnection();
            var records = PredictionRecords.Newest(connection, options.FilterOf(parsed), count);
            if (parsed.GetValue(json))
                Console.WriteLine(new JsonArray([.. records.Select(ToJson)]).ToJsonString(LoopJson.Indented));
            else Print(records);
            return Task.FromResult(0);
        });
        command.Subcommands.Add(CreateExport());
        return command;
    }

    private static Command CreateExport()
    {
        var options = new Options();
        var output = new Option<FileInfo>("--output", "-o")
        {
            Description = "The Parquet file; one that exists is replaced.", HelpName = "FILE", Required = true,
        };
        var command = new Command("export",
            """
            Write recorded predictions to a Parquet file: a column per input, the outputs, version, time, latency, and the
            actual value where feedback gave it.

            Example:
              gyre predictions export -o log.parquet --model churn --from 2026-01-01
            """)
        {
            output,
        };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var schema = await options.SchemaAsync(parsed, cancellationToken);
            using var database = options.Open(parsed);
            using var connection = database.OpenConnection();
            var file = parsed.GetValue(output)!.FullName; // required
            var rows = PredictionExport.Write(connection, options.FilterOf(parsed), schema, file, cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} predictions written to {file}"));
            return 0;
        });
        return command;
    }

    private static JsonNode ToJson(RecordedPrediction record) => new JsonObject
    {
        ["predictionId"] = record.Id,
        ["model"] = record.Model,
        ["version"] = record.Version,
        ["requestedAt"] = record.RequestedAt.ToString("O", CultureInfo.InvariantCulture),
        ["row"] = record.RowIndex,
        ["inputs"] = JsonNode.Parse(record.Inputs),
        ["output"] = JsonNode.Parse(record.Output),
        ["latencyMicroseconds"] = record.LatencyMicroseconds,
        ["actual"] = record.Actual is null ? null : JsonNode.Parse(record.Actual),
    };

    private static void Print(IReadOnlyList<RecordedPrediction> records)
    {
        if (records.Count == 0)
        {
            Console.WriteLine("No predictions are recorded.");
            return;
        }

        if (Console.IsOutputRedirected)
        {
            foreach (var record in records)
            {
                Console.WriteLine($"{record.RequestedAt:yyyy-MM-dd HH:mm:ss.fff}Z  {record.Id}  {record.Model} "
                    + $"{record.Version}  {record.Output}  {record.Actual ?? "-"}  {record.Inputs}");
            }

            return;
        }

        var table = new Spectre.Console.Table().Border(TableBorder.Simple)
            .AddColumns("At (UTC)", "Prediction", "Version", "Output", "Actual", "Inputs");
        foreach (var record in records)
        {
            table.AddRow($"{record.RequestedAt:yyyy-MM-dd HH:mm:ss}", record.Id,
                Markup.Escape(FormattableString.Invariant($"{record.Model} {record.Version}")), Cell(record.Output),
                Cell(record.Actual ?? ""), Cell(record.Inputs));
        }

        AnsiConsole.Write(table);
    }

    private static string Cell(string text) =>
        Markup.Escape(text.Length <= LongestCell ? text : text[..LongestCell] + "…");

    /// <summary>Which predictions, of which database.</summary>
    private sealed class Options
    {
        private readonly TrackingStore _store = new();
        private readonly Option<string?> _model = new("--model") { Description = "Only this model." };
        private readonly Option<string?> _from = new("--from")
        {
            Description = "Only requests from this time on: a date, or a date and time, UTC unless it says otherwise.",
            HelpName = "TIME",
        };

        private readonly Option<string?> _to = new("--to")
        {
            Description = "Only requests before this time.", HelpName = "TIME",
        };

        public void AddTo(Command command)
        {
            command.Options.Add(_model);
            command.Options.Add(_from);
            command.Options.Add(_to);
            command.Options.Add(_store.Store);
            command.Options.Add(_store.Project);
        }

        public PredictionFilter FilterOf(ParseResult parsed) => new(
            parsed.GetValue(_model), Time(_from.Name, parsed.GetValue(_from)), Time(_to.Name, parsed.GetValue(_to)));

        public TrackingDatabase Open(ParseResult parsed)
        {
            var database = _store.OpenExistingIn(parsed);
            ServingModule.Migrate(database);
            return database;
        }

        /// <summary>The columns of the workspace's own model, when the export is of no other.</summary>
        public async Task<Schema?> SchemaAsync(ParseResult parsed, CancellationToken cancellationToken)
        {
            var folder = parsed.GetValue(_store.Project)!.FullName; // has a default
            if (!File.Exists(Path.Combine(folder, PipelineReader.FileName))) return null;
            var definition = await PipelineReader.ReadAsync(folder, cancellationToken);
            return (parsed.GetValue(_model) ?? definition.Model) == definition.Model ? definition.Columns : null;
        }

        private static DateTimeOffset? Time(string option, string? text)
        {
            if (text is null) return null;
            return DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time
                : throw GyreException.Invalid($"{option}: '{text}' is not a time such as 2026-01-31 or 2026-01-31T12:00:00Z");
        }
    }
}
