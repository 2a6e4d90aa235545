using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>
/// What a search varies unless it is told otherwise. An option that a trainer does not have is left out, so that a space
/// may name more than one version of a trainer knows.
/// </summary>
public static class DefaultSpaces
{
    private static readonly ImmutableDictionary<string, SearchSpace> Spaces = new Dictionary<string, SearchSpace>
    {
        ["boosting"] = new(
        [
            new NumberRange("learning_rate", 0.02, 0.25, Logarithmic: true),
            new NumberRange("max_leaves", 4, 160, Logarithmic: true, Whole: true),
            new NumberRange("min_child_weight", 0.5, 60, Logarithmic: true),
            new NumberRange("l2", 0.05, 50, Logarithmic: true),
            new NumberRange("feature_share", 0.3, 1),
            new NumberRange("row_share", 0.5, 1),
            new NumberRange("category_smoothing", 1, 100, Logarithmic: true),
            new NumberRange("category_l2", 0.5, 100, Logarithmic: true),
        ]),
        ["linear"] = new([new NumberRange("l2", 0.001, 10_000, Logarithmic: true)]),
        ["random_forest"] = Forest(),
        ["extra_trees"] = Forest(),
        ["mlp"] = new(
        [
            new NumberRange("learning_rate", 0.0005, 0.006, Logarithmic: true),
            new NumberRange("dropout", 0, 0.3),
            new NumberRange("weight_decay", 0.0001, 0.1, Logarithmic: true),
        ]),
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>The space of a trainer; empty for one that nothing is known about, which is then tried once with its
    /// defaults.</summary>
    public static SearchSpace Of(ITrainer trainer) =>
        Spaces.TryGetValue(trainer.Name, out var space)
            ? new SearchSpace([.. space.Parameters.Where(p => trainer.Parameters.ContainsKey(p.Name))])
            : new SearchSpace([]);

    private static SearchSpace Forest() => new(
    [
        new NumberRange("node_feature_share", 0.1, 1),
        new NumberRange("min_leaf_rows", 1, 30, Logarithmic: true, Whole: true),
    ]);
}
