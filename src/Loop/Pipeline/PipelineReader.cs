using System.Collections.Immutable;
using Gyre.Data;
using Gyre.Features;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Pipeline;

/// <summary>Reads `gyre.yaml`. Every error names the file, the line and the setting.</summary>
public static class PipelineReader
{
    /// <summary>The pipeline file's name within a workspace.</summary>
    public const string FileName = "gyre.yaml";

    /// <summary>Reads the pipeline file of a workspace.</summary>
    /// <param name="workspace">The workspace's folder; relative source paths start there.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="GyreException">The file is missing or wrong.</exception>
    public static async Task<PipelineDefinition> ReadAsync(string workspace, CancellationToken cancellationToken)
    {
        var path = Path.Combine(workspace, FileName);
        if (!File.Exists(path))
            throw GyreException.NotFound($"{path}: there is no pipeline here; `gyre init FILE --target COLUMN` writes one");
        return Parse(await File.ReadAllTextAsync(path, cancellationToken), workspace);
    }

    /// <summary>Reads a pipeline file's text.</summary>
    public static PipelineDefinition Parse(string text, string workspace)
    {
        var root = YamlSection.Parse(FileName, text);
        var model = root.Required("model");
        if (!ModelNames.IsValid(model)) throw root.Error("model", $"'{model}' is not a name: {ModelNames.Rule}");
        var columns = Columns(root);
        var contract = ContractReader.Read(root, columns);
        columns = WithNullability(columns, contract);
        var task = root.Choice("task", TaskKind.Regression);
        var recommend = RecommendReader.Read(root, task, columns);
        var target = Known(root, "target", columns) ?? recommend?.Item ?? throw root.Error("target", "is missing");
        if (recommend is not null) columns = RecommendReader.Columns(root, columns, recommend, target);
        var derived = Derived(root, columns);
        var definition = new PipelineDefinition
        {
            Model = model,
            Source = Source(root, workspace),
            Target = target,
            Task = task,
            Recommend = recommend,
            PositiveClass = root.Text("positive"),
            Time = Time(root, columns),
            Weight = Weight(root, columns, target),
            Columns = columns,
            Contract = contract,
            Features = recommend is null
                ? FeatureNames(root, columns, derived, target) : RecommendReader.Features(root, recommend),
            Derived = derived,
            Transforms = TransformReader.Read(root, workspace),
            Training = TrainingReader.Read(root, TrainingSettings.For(task, rated: target != recommend?.Item)),
            Gates = Gates(root),
            Deployment = DeploymentReader.Read(root, columns, target),
            Monitoring = Monitoring(root, columns),
            Retraining = Retraining(root),
            Serving = Serving(root, columns),
            Text = text,
        };
        root.Close();
        if (definition.Weight is { } weight && definition.Features.Contains(weight))
            throw root.Error("weight", $"'{weight}' is a feature too; leave it out of `features.use`");
        if (definition.Training.ClassWeights is not null && !definition.Task.HasClasses())
            throw root.Error("training", $"class_weights: a {definition.Task.ToString().ToLowerInvariant()} has no classes");
        CheckDecisions(root, definition);
        if (definition.Training.Split == SplitMethod.Time && definition.Time is null)
            throw root.Error("training", "split: time needs the setting `time:`");
        if (definition.Training.SplitColumn is { } split) CheckSplit(root, definition, split.Column);
        if (definition.Contract.Freshness is { } fresh &&
            (!columns.TryGet(fresh.Column, out var at) || at.Type != ColumnType.Timestamp))
            throw root.Error("contract", $"freshness: '{fresh.Column}' is not a timestamp column under `columns:`");
        RecommendReader.CheckMetrics(root, definition);
        if (definition.Monitoring.Metric is { } watched && watched != definition.Training.Metric
            && !Metrics.Names(definition.Task).Contains(watched))
        {
            throw root.Error("monitoring",
                $"metric: '{watched}' is not one of {string.Join(", ", Metrics.Names(definition.Task))}");
        }

        return definition;
    }

    private static void CheckSplit(YamlSection root, PipelineDefinition definition, string column)
    {
        if (!definition.Columns.TryGet(column, out var found))
            throw root.Error("training", $"split: there is no column '{column}' under `columns:`");
        if (found.Type is not (ColumnType.Categorical or ColumnType.Text or ColumnType.Id))
            throw root.Error("training", $"split: '{column}' is {found.Type.ToString().ToLowerInvariant()}; a categorical column can say which rows are held out");
        if (definition.Features.Contains(column) || definition.Target == column)
            throw root.Error("training", $"split: '{column}' is a feature or the target; it would tell the model which rows are held out");
    }

    private static void CheckDecisions(YamlSection root, PipelineDefinition definition)
    {
        var training = definition.Training;
        if (training.Calibration != CalibrationMethod.None && !definition.Task.HasClasses())
            throw root.Error("training", $"calibration: a {definition.Task.ToString().ToLowerInvariant()} has no probabilities");
        if (training.Threshold is not null && definition.Task != TaskKind.Binary)
            throw root.Error("training", "threshold: only a binary task has one");
        if (training.Search is not null && (training.Calibration != CalibrationMethod.None || training.Threshold is not null))
            throw root.Error("training", "search: it cannot be combined with calibration or threshold yet");
    }

    private static SourceSettings Source(YamlSection root, string workspace)
    {
        var section = root.Section("source") ?? throw root.Error("source", "is missing");
        var paths = section.Texts("path");
        var folders = section.Texts("images");
        if (paths.IsEmpty == folders.IsEmpty)
            throw section.Error("path", paths.IsEmpty ? "is missing" : "stands beside `images:`; give one of them");
        var labels = section.Texts("labels");
        if (!labels.IsEmpty && labels.Length != paths.Length)
            throw section.Error("labels", $"{labels.Length} files of labels for {paths.Length} under `path:`");
        var settings = new SourceSettings(
            Absolute(paths.IsEmpty ? folders : paths), section.Flag("feedback", true), section.Flag("distinct", false))
        {
            Labels = Absolute(labels),
        };
        section.Close();
        return settings;

        ImmutableArray<string> Absolute(ImmutableArray<string> files) =>
            [.. files.Select(path => Path.GetFullPath(path, Path.GetFullPath(workspace)))];
    }

    private static Schema Columns(YamlSection root)
    {
        var section = root.Section("columns") ?? throw root.Error("columns", "is missing");
        var columns = new List<ColumnDefinition>();
        foreach (var name in section.Keys)
            columns.Add(Column(section, name));
        return new Schema(columns);
    }

    private static ColumnDefinition Column(YamlSection section, string name)
    {
        const string images = "image";
        if (section.Text(name) is not { } text || !text.StartsWith(images, StringComparison.Ordinal))
            return new ColumnDefinition(name, section.Choice(name, ColumnType.Numeric));
        if (!ImageShape.TryParse(text[images.Length..].Trim(), out var shape))
        {
            throw section.Error(name,
                $"'{text}' does not say the images' size: height x width as in 'image 28x28', with colours 'image 28x28x3'");
        }

        return new ColumnDefinition(name, ColumnType.Image, Nullable: false) { Image = shape };
    }

    /// <summary>A column that the contract keeps from missing values cannot miss one in a request either.</summary>
    private static Schema WithNullability(Schema columns, DataContract contract) => new(columns.Select(column =>
        column with
        {
            Nullable = column.Type != ColumnType.Image
            && contract.Find(column.Name)?.Nullability is null or { Action: RuleAction.Warn },
        }));

    private static string? Time(YamlSection root, Schema columns)
    {
        var time = Known(root, "time", columns);
        if (time is not null && columns[time].Type != ColumnType.Timestamp)
            throw root.Error("time", $"'{time}' is not a timestamp column");
        return time;
    }

    private static string? Weight(YamlSection root, Schema columns, string target)
    {
        var weight = Known(root, "weight", columns);
        if (weight is null) return null;
        if (weight == target) throw root.Error("weight", $"'{weight}' is the target");
        return columns[weight].Type is ColumnType.Numeric or ColumnType.Integer
            ? weight
            : throw root.Error("weight", $"'{weight}' holds no numbers");
    }

    private static string? Known(YamlSection root, string key, Schema columns)
    {
        var name = root.Text(key);
        return name is null || columns.Contains(name)
            ? name
            : throw root.Error(key, $"there is no column '{name}' under `columns:`");
    }

    private static ImmutableArray<FeatureDefinition> Derived(YamlSection root, Schema columns)
    {
        if (root.Section("features")?.Section("derive") is not { } section) return [];
        var derived = ImmutableArray.CreateBuilder<FeatureDefinition>();
        foreach (var name in section.Keys)
        {
            if (columns.Contains(name)) throw section.Error(name, "a raw column of that name exists");
            derived.Add(DerivedFeature(section, name));
        }

        return derived.ToImmutable();
    }

    private static FeatureDefinition DerivedFeature(YamlSection section, string name)
    {
        if (!section.IsMapping(name)) return new FeatureDefinition(name, section.Required(name));
        var settings = section.Section(name) ?? throw section.Error(name, "is missing");
        var feature = new FeatureDefinition(name, settings.Required("sql"), settings.Choice("serve", ServeMode.Compute));
        settings.Close();
        return feature;
    }

    private static ImmutableArray<string> FeatureNames(
        YamlSection root, Schema columns, ImmutableArray<FeatureDefinition> derived, string target)
    {
        var section = root.Section("features") ?? throw root.Error("features", "is missing");
        var names = section.Texts("use");
        section.Section("derive");
        section.Section("transform");
        section.Close();
        foreach (var name in names)
        {
            if (name == target) throw section.Error("use", $"'{name}' is the target");
            if (!columns.TryGet(name, out var column))
                throw section.Error("use", $"there is no column '{name}' under `columns:`");
            if (column.Type is ColumnType.Id or ColumnType.Timestamp)
            {
                throw section.Error("use",
                    $"'{name}' is a column of type {column.Type.ToString().ToLowerInvariant()}; " +
                    "derive numbers or categories from it under `features.derive`");
            }
        }

        ImmutableArray<string> all = [.. names, .. derived.Select(d => d.Name)];
        return all.IsEmpty ? throw section.Error("use", "there is no feature to learn from") : all;
    }

    private static GateSettings Gates(YamlSection root)
    {
        var defaults = new GateSettings();
        if (root.Section("gates") is not { } section) return defaults;
        var settings = new GateSettings
        {
            Margin = section.Number("margin", defaults.Margin, 0, 1),
            Latency = section.Duration("latency", defaults.Latency),
            Contract = section.Choice("contract", defaults.Contract),
            SizeMb = section.Number("size_mb", defaults.SizeMb, 0.001),
        };
        section.Close();
        return settings;
    }

    private static MonitoringSettings Monitoring(YamlSection root, Schema columns)
    {
        var defaults = new MonitoringSettings();
        if (root.Section("monitoring") is not { } section) return defaults;
        var drift = section.Section("drift");
        var watched = drift?.Texts("columns") ?? [];
        foreach (var name in watched)
            if (!columns.Contains(name)) throw drift!.Error("columns", $"there is no column '{name}' under `columns:`");
        var settings = new MonitoringSettings
        {
            Every = Interval(section, "every", defaults.Every),
            Window = section.Duration("window", defaults.Window),
            MinimumRows = section.Integer("minimum_rows", defaults.MinimumRows, 10),
            Psi = drift?.Number("psi", defaults.Psi, 0) ?? defaults.Psi,
            Wasserstein = drift?.Number("wasserstein", defaults.Wasserstein, 0) ?? defaults.Wasserstein,
            DriftShare = drift?.Number("share", defaults.DriftShare, 0, 1) ?? defaults.DriftShare,
            DriftTrigger = drift?.Choice("trigger", defaults.DriftTrigger) ?? defaults.DriftTrigger,
            DriftColumns = watched,
            Metric = section.Text("metric"),
            Margin = section.Number("margin", defaults.Margin, 0),
        };
        drift?.Close();
        section.Close();
        return settings;
    }

    /// <summary>Below a second the watcher would do nothing else; beyond that a timer cannot count.</summary>
    private static TimeSpan Interval(YamlSection section, string key, TimeSpan otherwise)
    {
        var length = section.Duration(key, otherwise);
        return length >= TimeSpan.FromSeconds(1) && length <= TimeSpan.FromDays(45)
            ? length
            : throw section.Error(key, $"{Durations.Format(length)} is not within 1s..45d");
    }

    private static RetrainingSettings Retraining(YamlSection root)
    {
        var defaults = new RetrainingSettings();
        if (root.Section("retraining") is not { } section) return defaults;
        var schedule = section.Text("schedule");
        if (schedule is not null && !Quartz.CronExpression.IsValidExpression(schedule))
        {
            throw section.Error("schedule",
                $"'{schedule}' is not a cron expression: second minute hour day-of-month month day-of-week, as in 0 0 3 * * ?");
        }

        var settings = new RetrainingSettings
        {
            Enabled = section.Flag("enabled", defaults.Enabled),
            Schedule = schedule,
            Cooldown = section.Duration("cooldown", defaults.Cooldown),
            Holdout = section.Duration("holdout", defaults.Holdout),
        };
        section.Close();
        return settings;
    }

    private static ServingSettings Serving(YamlSection root, Schema columns)
    {
        var defaults = new ServingSettings();
        if (root.Section("serving") is not { } section) return defaults;
        var settings = new ServingSettings
        {
            Urls = section.Text("urls") ?? defaults.Urls,
            MetricNames = section.Choice("metricNames", NamesOfMetrics.Gyre).ToString().ToLowerInvariant(),
            StrictLog = section.Choice("predictionLog", LogMode.Async) == LogMode.Strict,
            DurableDevice = section.Choice("durability", DurabilityMode.Process) == DurabilityMode.Device,
            Log = LogPolicyReader.Read(section, columns),
            MaximumBodyBytes = section.Text("maxBody") is { } size
                ? ByteSize.TryParse(size) ?? throw section.Error("maxBody", $"'{size}' is no size such as 64MiB.")
                : null,
        };
        section.Close();
        return settings;
    }

    private enum NamesOfMetrics
    {
        Gyre,
        Triton,
        Mlserver,
        Kserve,
        All,
    }

    private enum LogMode
    {
        Async,
        Strict,
    }

    private enum DurabilityMode
    {
        Process,
        Device,
    }
}
