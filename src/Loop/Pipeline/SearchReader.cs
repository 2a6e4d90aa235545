using System.Collections.Immutable;
using System.Globalization;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Pipeline;

/// <summary>Reads the section `training.search` of `gyre.yaml`.</summary>
internal static class SearchReader
{
    private static readonly TimeSpan UsualBudget = TimeSpan.FromMinutes(5);
    private static readonly (string Unit, double Bytes)[] Units = [("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12)];

    /// <summary>The settings; null when nothing is to be searched.</summary>
    public static SearchSettings? Read(YamlSection training, TaskKind task)
    {
        if (training.Section("search") is not { } section) return null;
        if (task == TaskKind.Recommendation)
            throw training.Error("search", "recommenders are not searched; name them under `training.trainers`");
        if (training.Has("calibration") || training.Has("threshold"))
            throw training.Error("search", "goes without `calibration` and `threshold`; name the trainers to be calibrated instead");
        var trials = section.Has("trials") ? section.Integer("trials", 0, 1, 100_000) : (int?)null;
        var settings = new SearchSettings
        {
            Budget = Budget(section) ?? (trials is null ? UsualBudget : null),
            Trials = trials,
            Metric = Metric(section, task),
            MemoryLimit = Memory(section),
            MaxMembers = Members(section),
            Trainers = Trainers(section, task),
            Spaces = Spaces(section, task),
            Folds = section.Has("folds") ? section.Integer("folds", 0, 2, 100) : null,
        };
        section.Close();
        return settings;
    }

    private static TimeSpan? Budget(YamlSection section)
    {
        if (section.OptionalDuration("budget") is not { } budget) return null;
        return budget >= TimeSpan.FromSeconds(1) && budget <= TimeSpan.FromDays(7)
            ? budget
            : throw section.Error("budget", $"{Durations.Format(budget)} is not within 1s..7d");
    }

    private static string? Metric(YamlSection section, TaskKind task)
    {
        var metric = section.Text("metric");
        return metric is null || Metrics.All(task).Contains(metric)
            ? metric
            : throw section.Error("metric", $"'{metric}' is not one of {string.Join(", ", Metrics.All(task))}");
    }

    private static long? Memory(YamlSection section)
    {
        if (section.Text("memory") is not { } text) return null;
        foreach (var (unit, bytes) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - 2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                && count * bytes is >= 1e6 and <= 1e15)
                return (long)(count * bytes);
        }

        throw section.Error("memory", $"'{text}' is not a size such as 500mb or 2gb, of 1mb at least");
    }

    private static int Members(YamlSection section) => section.Text("ensemble") switch
    {
        null or "true" => new SearchSettings().MaxMembers,
        "false" => 1,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var members)
            && members is >= 1 and <= 50 => members,
        var text => throw section.Error("ensemble", $"'{text}' is neither true, false nor a number of members within 1..50"),
    };

    private static ImmutableArray<string> Trainers(YamlSection section, TaskKind task)
    {
        var names = section.Texts("trainers");
        foreach (var name in names.Where(n => !TrainerFactory.NamesFor(task).Contains(n)))
        {
            throw section.Error("trainers",
                $"there is no trainer '{name}' for this task; there are {string.Join(", ", TrainerFactory.NamesFor(task))}");
        }

        return names;
    }

    private static ImmutableSortedDictionary<string, SearchSpace> Spaces(YamlSection section, TaskKind task)
    {
        var spaces = ImmutableSortedDictionary.CreateBuilder<string, SearchSpace>(StringComparer.Ordinal);
        if (section.Section("space") is not { } all) return spaces.ToImmutable();
        foreach (var trainer in all.Keys)
        {
            if (!TrainerFactory.NamesFor(task).Contains(trainer))
            {
                throw all.Error(trainer,
                    $"there is no trainer '{trainer}' for this task; there are {string.Join(", ", TrainerFactory.NamesFor(task))}");
            }

            var space = all.Section(trainer) ?? throw all.Error(trainer, "expected the trainer's options beneath it");
            spaces.Add(trainer, new SearchSpace([.. space.Keys.Select(option => Parameter(space, trainer, option, task))]));
        }

        return spaces.ToImmutable();
    }

    private static SearchParameter Parameter(YamlSection space, string trainer, string option, TaskKind task)
    {
        SearchParameter parameter;
        if (space.IsMapping(option))
        {
            var range = space.Section(option) ?? throw space.Error(option, "is missing");
            var (from, to) = (range.OptionalNumber("from"), range.OptionalNumber("to"));
            if (from is not { } least || to is not { } most || !(least < most) || !double.IsFinite(most - least))
                throw space.Error(option, "needs `from` and a greater `to`");
            var (logarithmic, whole) = (range.Flag("log", false), range.Flag("whole", false));
            if (logarithmic && least <= 0) throw range.Error("from", "must be above 0 where `log` is true");
            range.Close();
            parameter = new NumberRange(option, least, most, logarithmic, whole);
        }
        else
        {
            var values = space.Texts(option);
            if (values.IsEmpty) throw space.Error(option, "needs a value, a list of values, or `{ from: …, to: … }`");
            parameter = new Choices(option, values);
        }

        foreach (var value in Probes(parameter))
        {
            try
            {
                TrainerFactory.Create(trainer, ImmutableDictionary<string, string>.Empty.Add(option, value), task);
            }
            catch (GyreException error)
            {
                throw space.Error(option, error.Message);
            }
        }

        return parameter;
    }

    /// <summary>Values whose refusal tells that the space is wrong; one in the middle finds where `whole` is missing.</summary>
    private static IEnumerable<string> Probes(SearchParameter parameter) => parameter switch
    {
        NumberRange { Whole: false } range =>
            new[] { range.Least, range.Least + (0.4321 * (range.Most - range.Least)), range.Most }
                .Select(v => v.ToString("R", CultureInfo.InvariantCulture)),
        NumberRange range => new[] { range.Least, range.Most }.Select(v => v.ToString("R", CultureInfo.InvariantCulture)),
        Choices choices => choices.Values,
        _ => [],
    };
}
