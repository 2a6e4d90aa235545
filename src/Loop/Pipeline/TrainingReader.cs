using System.Collections.Immutable;

namespace Gyre.Loop.Pipeline;

/// <summary>Reads the section `training` of `gyre.yaml`.</summary>
internal static class TrainingReader
{
    public static TrainingSettings Read(YamlSection root)
    {
        var defaults = new TrainingSettings();
        if (root.Section("training") is not { } section) return defaults;
        var trainers = section.NamedEntries("trainers")
            .Select(entry => new TrainerSettings(
                entry.Name, entry.Settings?.AllTexts() ?? ImmutableDictionary<string, string>.Empty))
            .ToImmutableArray();
        if (section.Has("trainers") && trainers.IsEmpty)
            throw section.Error("trainers", "is empty; the dummy needs something to be compared with");
        var settings = new TrainingSettings
        {
            Split = section.Has("split") ? section.Choice("split", SplitMethod.Random) : null,
            TestShare = section.Number("test", defaults.TestShare, 0.01, 0.9),
            Folds = section.Integer("folds", defaults.Folds, 0, 100),
            Metric = section.Text("metric"),
            Seed = (ulong)section.Integer("seed", (int)defaults.Seed, 0),
            Threads = section.Integer("threads", defaults.Threads, 0, 1024),
            Refit = section.Has("refit") ? section.Flag("refit", true) : null,
            Trainers = section.Has("trainers") ? trainers : defaults.Trainers,
        };
        section.Close();
        return settings;
    }
}
