using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Pipeline;

/// <summary>Reads the section `training` of `gyre.yaml`.</summary>
internal static class TrainingReader
{
    public static TrainingSettings Read(YamlSection root, TrainingSettings? defaults = null)
    {
        defaults ??= new TrainingSettings();
        if (root.Section("training") is not { } section) return defaults;
        var trainers = section.NamedEntries("trainers")
            .Select(entry => new TrainerSettings(
                entry.Name, entry.Settings?.AllTexts() ?? ImmutableDictionary<string, string>.Empty))
            .ToImmutableArray();
        if (section.Has("trainers") && trainers.IsEmpty)
            throw section.Error("trainers", "is empty; the dummy needs something to be compared with");
        var search = SearchReader.Read(section, root.Choice("task", TaskKind.Regression));
        var splitColumn = SplitColumn(section);
        var settings = new TrainingSettings
        {
            Split = splitColumn is not null ? SplitMethod.Column : section.Has("split") ? SplitKind(section) : null,
            SplitColumn = splitColumn,
            TestShare = section.Number("test", defaults.TestShare, 0.01, 0.9),
            Folds = section.Integer("folds", defaults.Folds, 0, 100),
            Metric = section.Text("metric"),
            Seed = (ulong)section.Integer("seed", (int)defaults.Seed, 0),
            Threads = section.Integer("threads", defaults.Threads, 0, 1024),
            Refit = section.Has("refit") ? section.Flag("refit", true) : null,
            ClassWeights = Weights(section),
            Trainers = section.Has("trainers") ? trainers : search is not null ? [] : defaults.Trainers,
            Search = search,
            Evaluation = ReadEvaluation(section),
            Calibration = section.Choice("calibration", CalibrationMethod.None),
            Threshold = Costs(section),
        };
        section.Close();
        return settings;
    }

    private static SplitMethod SplitKind(YamlSection training)
    {
        var method = training.Choice("split", SplitMethod.Random);
        return method != SplitMethod.Column
            ? method
            : throw training.Error("split", "expected `{ column: NAME, test: VALUE }`: which column holds rows out");
    }

    /// <summary>`split: { column: …, test: … }`: the rows with that value are held out.</summary>
    private static (string Column, string Test)? SplitColumn(YamlSection training)
    {
        if (!training.IsMapping("split") || training.Section("split") is not { } section) return null;
        var chosen = (section.Required("column"), section.Required("test"));
        section.Close();
        return chosen;
    }

    /// <summary>`balanced`, or a number per class.</summary>
    private static ClassWeights? Weights(YamlSection training)
    {
        const string key = "class_weights";
        if (!training.Has(key)) return null;
        if (training.IsMapping(key) && training.Section(key) is { } byClass)
            return ClassWeights.Of(byClass.Keys.ToDictionary(name => name, name => byClass.Number(name, 1, 0, 1e9)));
        return training.Text(key) == "balanced"
            ? ClassWeights.Balanced
            : throw training.Error(key, "expected `balanced`, or a number beneath the name of each class");
    }

    private static DecisionCosts? Costs(YamlSection training)
    {
        if (training.Section("threshold") is not { } section) return null;
        section.Required("false_positive");
        section.Required("false_negative");
        var costs = new DecisionCosts(
            section.Number("false_positive", 1, 1e-9, 1e12), section.Number("false_negative", 1, 1e-9, 1e12));
        section.Close();
        return costs;
    }

    private static EvaluationSettings ReadEvaluation(YamlSection training)
    {
        if (training.Section("evaluation") is not { } section) return new EvaluationSettings();
        var settings = new EvaluationSettings
        {
            Report = section.Choice("report", ReportFor.Promoted),
            LearningCurve = section.Flag("learning_curve", false),
        };
        section.Close();
        return settings;
    }
}
