using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gyre.Data;
using Gyre.Features;
using Gyre.Tabular;

namespace Gyre.Loop.Pipeline;

/// <summary>Writes the commented `gyre.yaml` that `gyre init` leaves behind: every setting that matters, with its reason.</summary>
public static class PipelineWriter
{
    /// <summary>Writes the file's text.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="paths">The source's paths as the user gave them.</param>
    /// <param name="inspection">What the source looks like.</param>
    public static string Write(string model, IReadOnlyList<string> paths, SourceInspection inspection)
    {
        var file = new StringBuilder();
        Head(file, model, paths, inspection);
        Columns(file, inspection);
        Features(file, inspection);
        Contract(file, inspection.Contract, Used(inspection));
        Settings(file, inspection);
        return file.ToString();
    }

    /// <summary>A text as a YAML scalar, quoted where YAML would read something else.</summary>
    internal static string Scalar(string text)
    {
        var plain = text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or '+') &&
                    !char.IsAsciiDigit(text[0]) && text[0] is not ('-' or '.' or '+') &&
                    text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
        return plain ? text : System.Text.Json.JsonSerializer.Serialize(text, LoopJson.Compact);
    }

    private static void Head(StringBuilder file, string model, IReadOnlyList<string> paths, SourceInspection inspection)
    {
        file.Append(CultureInfo.InvariantCulture, $"""
            # The pipeline of one model. `gyre run` runs it once, `gyre up` serves it and keeps it good.
            model: {Scalar(model)}

            source:
              path: {(paths.Count == 1 ? Scalar(paths[0]) : $"[{string.Join(", ", paths.Select(Scalar))}]")}   # a file, a glob or a list; CSV (also .gz), Parquet, JSON lines; a folder of PNG images; IDX
              feedback: true   # served rows whose actual value arrived join the training data
              distinct: false   # true: a row that repeats another in every column is read once

            target: {Scalar(inspection.Target ?? "")}
            task: {inspection.Task.ToString()?.ToLowerInvariant()}   # regression, binary or multiclass

            """);
        if (inspection.Task == TaskKind.Binary && inspection.PositiveClass is { } positive)
            file.Append(CultureInfo.InvariantCulture, $"positive: {Scalar(positive)}   # the class whose probability is predicted\n");
        if (inspection.Time is { } time)
            file.Append(CultureInfo.InvariantCulture, $"time: {Scalar(time)}   # rows are held out by time, and the model is watched over it\n");
        file.Append('\n');
    }

    private static void Columns(StringBuilder file, SourceInspection inspection)
    {
        var used = Used(inspection);
        file.Append("# What is read, and as what: numeric, integer, boolean, categorical, text, timestamp, id; image HEIGHTxWIDTH[xCHANNELS].\ncolumns:\n");
        foreach (var column in inspection.Schema.Where(c => used.Contains(c.Name)))
            file.Append(CultureInfo.InvariantCulture, $"  {Scalar(column.Name)}: {TypeName(column)}\n");
        foreach (var column in inspection.Schema.Where(c => !used.Contains(c.Name)))
        {
            file.Append(CultureInfo.InvariantCulture,
                $"  # {Scalar(column.Name)}: {column.Type.ToString().ToLowerInvariant()}   # left out: {Reason(inspection, column)}\n");
        }

        file.Append('\n');
    }

    private static void Features(StringBuilder file, SourceInspection inspection)
    {
        var features = inspection.SuggestedFeatures;
        file.Append("features:\n  # Raw columns that the model learns from.\n  use:\n");
        foreach (var name in features) file.Append(CultureInfo.InvariantCulture, $"    - {Scalar(name)}\n");
        if (features.IsEmpty) file.Append("    []\n");
        file.Append(
            """
              # Columns derived by DuckDB's SQL for training and inside the model for serving. What looks at other rows (lags, windows)
              # needs `{ sql: …, serve: request }`: then clients send its value.

            """);
        var derived = Derived(inspection);
        file.Append(derived.IsEmpty ? "  derive: {}\n" : "  derive:\n");
        foreach (var feature in derived)
            file.Append(CultureInfo.InvariantCulture, $"    {feature.Name}: {Scalar(feature.Sql)}\n");
        file.Append('\n');
    }

    private static void Contract(StringBuilder file, DataContract contract, HashSet<string> used)
    {
        file.Append(
            """
            # What rows must satisfy. Actions: fail stops the run, quarantine sets rows aside in a file that says why, warn reports.
            contract:

            """);
        if (contract.Freshness is { } freshness)
        {
            file.Append(CultureInfo.InvariantCulture,
                $"  freshness: {{ column: {Scalar(freshness.Column)}, max_age: {Durations.Format(freshness.MaxAge)}, action: {Name(freshness.Action)} }}\n");
        }

        file.Append("  columns:\n");
        foreach (var column in contract.Columns.Where(c => used.Contains(c.Name)))
            file.Append(CultureInfo.InvariantCulture, $"    {Scalar(column.Name)}: {{ {string.Join(", ", Rules(column))} }}\n");
        file.Append('\n');
    }

    private static IEnumerable<string> Rules(ColumnContract column)
    {
        yield return $"type: {Name(column.Type.Action)}";
        if (column.Nullability is { } required) yield return $"nullability: {Name(required.Action)}";
        if (column.Range is { } range)
        {
            var limits = new[] { Limit("min", range.Min), Limit("max", range.Max), $"action: {Name(range.Action)}" };
            yield return $"range: {{ {string.Join(", ", limits.Where(l => l.Length > 0))} }}";
        }

        if (column.Allowed is { } allowed)
            yield return $"allowed: {{ values: [{string.Join(", ", allowed.Values.Select(Scalar))}], action: {Name(allowed.Action)} }}";
        if (column.Unique is { } unique) yield return $"unique: {Name(unique.Action)}";
    }

    private static void Settings(StringBuilder file, SourceInspection inspection)
    {
        var metric = inspection.Task == TaskKind.Regression ? "rmse" : "log_loss";
        var timed = inspection.Time is not null;
        file.Append(CultureInfo.InvariantCulture, $"""
            training:
              trainers: [{string.Join(", ", Trainers(inspection))}]   # a dummy baseline always runs too; settings go beneath a name: - boosting: {"{ rounds: 300 }"}
              metric: {metric}   # chooses the candidate and is held by the gates
              test: 0.2   # the share of rows held out{(timed ? ", the newest" : "")}
              folds: 0   # above 1: candidates are chosen by cross-validation instead of the held-out rows
              seed: 1
              # search: {"{ budget: 5m }"}   # one more candidate: tries trainers and options by cross-validation, and ensembles of the best

            gates:   # what a candidate must pass to become champion, besides beating the dummy
              margin: 0   # by how much of the champion's {metric} it must be better; 0.01 is one per cent
              contract: keep   # clients of the champion must be able to go on unchanged; replace: they will be changed
              latency: 5ms   # one row, 99th percentile
              size_mb: 100

            deployment:
              policy: promote   # a candidate that passed is champion at once; canary: after 1, 5, 25, 100 % of the requests; shadow: is compared
              # {"policy: canary, steps: [1, 5, 25, 100], min_requests: 100, min_duration: 10m, guards: { errors: 0.01, latency: 2 }"}

            monitoring:
              every: 1h
              window: 7d
              minimum_rows: 100   # fewer are not judged
              margin: 0.1   # realized {metric} this much worse than at training triggers a retraining
              drift:
                psi: 0.25   # a column drifts above this population stability index…
                wasserstein: 0.5   # …or this distance, in standard deviations of the training rows
                share: 0.5   # this share of the watched columns triggers a retraining…
                trigger: blind   # …while too few actual values have arrived to judge {metric} itself; also: always, never
                columns: [{string.Join(", ", Watched(inspection).Select(Scalar))}]{(inspection.CalendarColumns.IsEmpty ? "" : "   # without those that only repeat the calendar")}

            retraining:
              enabled: true
              cooldown: 7d   # the least time between triggered runs
              {(timed ? "" : "# ")}schedule: "0 0 3 1,15 * ?"   # Quartz cron in UTC (second minute hour day month weekday): twice a month at three

            """);
        if (timed) file.Append("  holdout: 14d   # the newest stretch that a retrained candidate and the champion are compared on\n");
        file.Append(
            """

            serving:
              urls: http://127.0.0.1:5000
              predictionLog: async   # strict: a prediction is recorded before it is answered
              durability: process   # device: commits also survive power loss
              # What the prediction log keeps, by default everything for good; redacted: drop, hash or mask.
              # log: { sample: 0.1, redact: { COLUMN: hash }, keep: 90d }

            """);
    }

    /// <summary>Calendar parts of the time column, and its trend, so that a retrained model can follow growth.</summary>
    private static ImmutableArray<FeatureDefinition> Derived(SourceInspection inspection)
    {
        if (inspection.Time is not { } time) return [];
        var quoted = $"\"{time.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        var parts = new (string Name, string Sql)[]
        {
            ("hour_of_day", $"hour({quoted})"),
            ("day_of_week", $"dayofweek({quoted})"),
            ("day_of_year", $"dayofyear({quoted})"),
            ("days", $"epoch({quoted}) / 86400"),
        };
        return
        [
            .. parts.Where(p => !inspection.Schema.Contains(p.Name)).Select(p => new FeatureDefinition(p.Name, p.Sql)),
        ];
    }

    /// <summary>Drift is measured of numbers and categories; of free text it is not.</summary>
    private static IEnumerable<string> Watched(SourceInspection inspection) => inspection.SuggestedFeatures.Where(name =>
        !inspection.CalendarColumns.Contains(name) && inspection.Schema[name].Type is not (ColumnType.Text or ColumnType.Image));

    private static string[] Trainers(SourceInspection inspection)
    {
        if (inspection.SuggestedFeatures.Any(name => inspection.Schema[name].Type == ColumnType.Image)) return ["mlp", "cnn"];
        var text = inspection.SuggestedFeatures.Any(name => inspection.Schema[name].Type == ColumnType.Text);
        return text && inspection.Task != TaskKind.Regression ? ["linear", "naive_bayes"] : ["linear", "boosting"];
    }

    private static string TypeName(ColumnDefinition column) => column.Image is { } image
        ? $"image {image}" : column.Type.ToString().ToLowerInvariant();

    private static HashSet<string> Used(SourceInspection inspection)
    {
        var used = inspection.SuggestedFeatures.ToHashSet(StringComparer.Ordinal);
        if (inspection.Target is { } target) used.Add(target);
        if (inspection.Time is { } time) used.Add(time);
        return used;
    }

    private static string Reason(SourceInspection inspection, ColumnDefinition column) =>
        inspection.Warnings.FirstOrDefault(w => w.Column == column.Name || w.Columns.Contains(column.Name))?.Code
        ?? (column.Type is ColumnType.Id or ColumnType.Timestamp
            ? $"{column.Type.ToString().ToLowerInvariant()} columns are no features as they are"
            : "not suggested as a feature");

    private static string Limit(string name, double? value) =>
        value is { } number ? string.Create(CultureInfo.InvariantCulture, $"{name}: {number}") : "";

    private static string Name(RuleAction action) => action.ToString().ToLowerInvariant();
}
