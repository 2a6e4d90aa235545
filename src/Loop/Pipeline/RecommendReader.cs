using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Loop.Pipeline;

/// <summary>Reads the section `recommend` of `gyre.yaml`, which the task recommendation needs and no other
/// has.</summary>
internal static class RecommendReader
{
    public static RecommendSettings? Read(YamlSection root, TaskKind task, Schema columns)
    {
        if (root.Section("recommend") is not { } section)
        {
            return task == TaskKind.Recommendation
                ? throw root.Error("recommend", "is missing; task recommendation needs `recommend: { user: COLUMN, item: COLUMN }`")
                : null;
        }

        if (task != TaskKind.Recommendation)
            throw root.Error("recommend", $"task {task.ToString().ToLowerInvariant()} recommends nothing; set `task: recommendation`");
        var settings = new RecommendSettings(
            Column(section, "user", columns), Column(section, "item", columns),
            section.Integer("top", RecommendSettings.DefaultTop, 1, 1000));
        section.Close();
        return settings.User != settings.Item
            ? settings
            : throw section.Error("item", $"'{settings.Item}' is the user's column too");
    }

    /// <summary>The features of a recommender are the user and the item, whether `features.use` says so or
    /// not.</summary>
    public static ImmutableArray<string> Features(YamlSection root, RecommendSettings settings)
    {
        ImmutableArray<string> own = [settings.User, settings.Item];
        if (root.Section("features") is not { } section) return own;
        var named = section.Texts("use");
        if (section.Has("derive") || section.Has("transform") || named.Any(name => !own.Contains(name)))
        {
            throw root.Error("features",
                $"a recommender learns from '{settings.User}' and '{settings.Item}' alone; leave `features` out");
        }

        section.Close();
        return own;
    }

    /// <summary>
    /// A request may leave the item out: then only the list is asked for. What is rated must be rated by numbers.
    /// </summary>
    public static Schema Columns(YamlSection root, Schema columns, RecommendSettings settings, string target)
    {
        if (target == settings.User) throw root.Error("target", $"'{target}' is the user's column; name the ratings or the item");
        if (target != settings.Item && columns[target].Type is not (ColumnType.Numeric or ColumnType.Integer))
        {
            throw root.Error("target", $"'{target}' is {Name(columns[target].Type)}; ratings are numbers. "
                + $"Without ratings leave `target` out or name the item, '{settings.Item}'");
        }

        return new Schema(columns.Select(column => column.Name == settings.Item ? column with { Nullable = true } : column));
    }

    /// <summary>The metrics that can be computed: without ratings those of lists alone.</summary>
    /// <exception cref="Primitives.GyreException">A metric of the file is none of them.</exception>
    public static void CheckMetrics(YamlSection root, PipelineDefinition definition)
    {
        if (definition.Recommend is not { } recommend || definition.Target != recommend.Item) return;
        if (definition.Training.Metric is "rmse" or "mae") throw Unrated("training", definition.Training.Metric);
        if (definition.Monitoring.Metric is "rmse" or "mae") throw Unrated("monitoring", definition.Monitoring.Metric);

        Primitives.GyreException Unrated(string section, string metric) =>
            root.Error(section, $"metric: '{metric}' needs ratings, and the target is the item");
    }

    private static string Column(YamlSection section, string key, Schema columns)
    {
        var name = section.Required(key);
        if (!columns.TryGet(name, out var column)) throw section.Error(key, $"there is no column '{name}' under `columns:`");
        return column.Type is ColumnType.Id or ColumnType.Text or ColumnType.Categorical or ColumnType.Integer
            ? name
            : throw section.Error(key, $"'{name}' is {Name(column.Type)}; users and items are id, text, categorical or integer");
    }

    private static string Name(ColumnType type) => type.ToString().ToLowerInvariant();
}
