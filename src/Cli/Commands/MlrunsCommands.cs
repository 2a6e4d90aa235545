using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gyre.Loop;
using Gyre.Tracking;

namespace Gyre.Cli.Commands;

/// <summary>`gyre import mlruns DIR` and `gyre export mlruns DIR`: MLflow's file store, in and out.</summary>
internal static class MlrunsCommands
{
    public static Command CreateImport()
    {
        var options = new Options("The file store: the folder mlruns/.");
        var reference = new Option<bool>("--reference")
        {
            Description = "Leave artifacts where they are, instead of copying them below .gyre/artifacts.",
        };
        var mlruns = new Command("mlruns",
            """
            Import experiments, runs, metrics, logged models and the registry of a file store. What is there already is
            left alone, so an import that was stopped can be repeated. Experiments keep their numbers where these are free.

            Examples:
              gyre import mlruns ./mlruns
              gyre import mlruns ./mlruns --store postgresql://gyre:secret@db.example.org/mlflow --reference
            """)
        {
            options.Folder, reference, options.Json,
        };
        options.Store.AddTo(mlruns);
        mlruns.SetAction(async (parsed, cancellationToken) =>
        {
            using var database = options.Store.OpenIn(parsed);
            var report = await new MlrunsImporter(database, options.Store.LocalIn(parsed)).ImportAsync(
                parsed.GetValue(options.Folder)!.FullName, !parsed.GetValue(reference), options.Progress(parsed),
                    // required
                cancellationToken);
            Print(report, "imported", parsed.GetValue(options.Json));
            return 0;
        });
        return new Command("import",
            "Import runs and models from elsewhere.\n\nExample:\n  gyre import mlruns ./mlruns") { mlruns };
    }

    public static Command CreateExport()
    {
        var options = new Options("Where the file store is made: a folder that is not there yet, or empty.");
        var mlruns = new Command("mlruns",
            """
            Export experiments, runs, metrics, logged models and the registry, with the artifacts that lie in the artifact
            folder, as MLflow's file store.

            Example:
              gyre export mlruns ./mlruns
            """)
        {
            options.Folder, options.Json,
        };
        options.Store.AddTo(mlruns);
        mlruns.SetAction(async (parsed, cancellationToken) =>
        {
            using var database = options.Store.OpenIn(parsed);
            var report = await new MlrunsExporter(database, options.Store.LocalIn(parsed)).ExportAsync(
                parsed.GetValue(options.Folder)!.FullName, options.Progress(parsed), cancellationToken); // required
            Print(report, "exported", parsed.GetValue(options.Json));
            return 0;
        });
        return new Command("export", "Export runs and models.\n\nExample:\n  gyre export mlruns ./mlruns") { mlruns };
    }

    private static void Print(MlrunsReport report, string verb, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(report, LoopJson.Indented));
            return;
        }

        foreach (var warning in report.Warnings) Console.Error.WriteLine($"warning: {warning}");
        foreach (var (old, number) in report.Renumbered)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"experiment {old} became {number}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{verb} {report.Experiments:N0} experiments, {report.Runs:N0} runs, {report.Points:N0} points of metrics, "
            + $"{report.LoggedModels:N0} logged models, {report.Models:N0} models with {report.Versions:N0} versions, "
            + $"{report.Files:N0} files{(report.KnownRuns > 0 ? $"; {report.KnownRuns:N0} runs were there already" : "")}"));
    }

    private sealed class Options(string folder)
    {
        public Argument<DirectoryInfo> Folder { get; } = new("DIR") { Description = folder };

        public TrackingStore Store { get; } = new();

        public Option<bool> Json { get; } = CommonOptions.JsonOutput();

        /// <summary>For people at a terminal; a machine waits for the result.</summary>
        public IProgress<string>? Progress(ParseResult parsed) =>
            parsed.GetValue(Json) || Console.IsErrorRedirected ? null : new Lines();
    }

    private sealed class Lines : IProgress<string>
    {
        public void Report(string value) => Console.Error.WriteLine(value);
    }
}
