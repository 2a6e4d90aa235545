using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gyre.Data;
using Gyre.Loop;
using Gyre.Loop.Pipeline;
using Gyre.Primitives;
using Gyre.Tabular;
using Spectre.Console;

namespace Gyre.Cli.Commands;

/// <summary>`gyre init FILE --target COLUMN`: reads a source and writes a commented gyre.yaml.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var options = new Options();
        var command = new Command("init",
            "Read a data source, infer schema, task and contract, warn of what hurts models, and write gyre.yaml.\n\n" +
            "Examples:\n  gyre init bike.csv --target cnt --time timestamp\n  gyre init 'sales/*.parquet' --target amount --name sales")
        {
            options.Paths, options.Target, options.Time, options.Name, options.Task, options.Positive, options.Force,
            options.Project, options.Json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(options, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Options options, ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = parsed.GetValue(options.Project)!.FullName;
        var file = Path.Combine(folder, PipelineReader.FileName);
        if (File.Exists(file) && !parsed.GetValue(options.Force))
            throw new GyreException(ErrorCode.AlreadyExists, $"{file}: exists already; --force replaces it");
        var paths = parsed.GetValue(options.Paths)!;
        var name = parsed.GetValue(options.Name) ?? ModelNames.FromFile(paths[0]);
        if (!ModelNames.IsValid(name)) throw GyreException.Invalid($"--name: '{name}' is not a name: {ModelNames.Rule}");

        var source = new SourceDefinition([.. paths.Select(path => Path.GetFullPath(path))]);
        var inspection = await new SourceInspector().InspectAsync(
            source, parsed.GetValue(options.Target), parsed.GetValue(options.Time), cancellationToken);
        inspection = WithTask(inspection, parsed.GetValue(options.Task), parsed.GetValue(options.Positive));
        if (inspection.Schema.Count == 1)
            throw GyreException.Invalid($"{source.Paths[0]}, line 1: '{inspection.Target}' is the only column; there is nothing to predict it from");
        if (inspection.SuggestedFeatures.IsEmpty && inspection.Time is null)
            {
            var reasons = string.Join("; ", inspection.Warnings.Where(w => w.Column is not null).Select(w => w.Message).Take(3));
            throw GyreException.Invalid($"{source.Paths[0]}: there is no column left to predict '{inspection.Target}' from: {reasons}");
        }


        var relative = paths.Select(path => Relative(folder, path)).ToList();
        await DurableFile.WriteTextAsync(file, PipelineWriter.Write(name, relative, inspection), cancellationToken);
        Print(inspection, file);
        if (parsed.GetValue(options.Json) is { } json)
            await DurableFile.WriteTextAsync(json.FullName, Machine(name, inspection), cancellationToken);
        return 0;
    }

    private static SourceInspection WithTask(SourceInspection inspection, TaskKind? stated, string? positive)
    {
        var task = stated ?? inspection.Task;
        var target = inspection.Columns.Single(c => c.Name == inspection.Target);
        if (task == TaskKind.Recommendation)
        {
            throw GyreException.Invalid(
                "--task recommendation: `gyre init` cannot tell users from items; copy samples/movies/gyre.yaml and name your columns");
        }

        if (task == TaskKind.Binary && target.Distinct != 2)
            throw GyreException.Invalid($"--task: '{target.Name}' has {target.Distinct} different values; a binary target has 2");
        if (task == TaskKind.Regression && target.Type is not (ColumnType.Numeric or ColumnType.Integer))
            throw GyreException.Invalid($"--task: '{target.Name}' is {target.Type.ToString().ToLowerInvariant()}; regression needs a number");
        if (positive is not null && task != TaskKind.Binary)
            throw GyreException.Invalid($"--positive: '{target.Name}' is no binary target");
        if (positive is not null && !target.Values.IsEmpty && !target.Values.Contains(positive))
            throw GyreException.Invalid($"--positive: '{target.Name}' is never '{positive}'; its values are {string.Join(", ", target.Values)}");
        return inspection with
        {
            Task = task, PositiveClass = task == TaskKind.Binary ? positive ?? inspection.PositiveClass : null,
        };
    }

    /// <summary>A path within the workspace is written relative to it, so that the folder can move.</summary>
    private static string Relative(string folder, string path)
    {
        var relative = Path.GetRelativePath(folder, Path.GetFullPath(path));
        return relative.StartsWith("..", StringComparison.Ordinal) ? Path.GetFullPath(path) : relative.Replace('\\', '/');
    }

    private static void Print(SourceInspection inspection, string file)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{inspection.Rows:N0} rows, {inspection.Schema.Count} columns; {inspection.Task.ToString()?.ToLowerInvariant()} of " +
            $"'{inspection.Target}'{(inspection.Time is { } time ? $" over '{time}'" : "")}; " +
            $"{inspection.SuggestedFeatures.Length} features"));
        foreach (var warning in inspection.Warnings)
        {
            if (Console.IsOutputRedirected) Console.WriteLine($"warning: {warning.Message} [{warning.Code}]");
            else AnsiConsole.MarkupLineInterpolated($"[yellow]warning:[/] {warning.Message} [grey]({warning.Code})[/]");
        }

        Console.WriteLine($"wrote {file}; read it, then `gyre run`");
    }

    private static string Machine(string name, SourceInspection inspection) => JsonSerializer.Serialize(new
    {
        model = name,
        rows = inspection.Rows,
        columns = inspection.Schema.Select(c => new { name = c.Name, type = c.Type }),
        target = inspection.Target,
        task = inspection.Task,
        time = inspection.Time,
        features = inspection.SuggestedFeatures,
        warnings = inspection.Warnings.Select(w => new { code = w.Code, column = w.Column, message = w.Message }),
    }, LoopJson.Indented) + "\n";

    private sealed class Options
    {
        public Argument<string[]> Paths { get; } = new("FILE")
        {
            Description = "Files or globs of one table: CSV (also .gz), Parquet or JSON lines.", Arity = ArgumentArity.OneOrMore,
        };

        public Option<string> Target { get; } = new("--target", "-t")
        {
            Description = "The column to predict.", HelpName = "COLUMN", Required = true,
        };

        public Option<string?> Time { get; } = new("--time") { Description = "The column that tells when a row happened.", HelpName = "COLUMN" };

        public Option<string?> Name { get; } = new("--name") { Description = "The model's name; by default the file's." };

        public Option<TaskKind?> Task { get; } = new("--task") { Description = "regression, binary or multiclass; by default inferred from the target." };

        public Option<string?> Positive { get; } = new("--positive") { Description = "Of a binary target, the class to predict the probability of.", HelpName = "CLASS" };

        public Option<bool> Force { get; } = new("--force", "-f") { Description = "Replace an existing gyre.yaml." };

        public Option<DirectoryInfo> Project { get; } = CommonOptions.Project();

        public Option<FileInfo?> Json { get; } = CommonOptions.JsonFile();
    }
}
