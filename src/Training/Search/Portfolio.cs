using System.Collections.Immutable;

namespace Gyre.Training.Search;

/// <summary>
/// What is tried before anything can be suggested: options that did well on public data and differ from each other, the
/// most useful first, trainers in turn.
/// </summary>
internal static class Portfolio
{
    private static readonly ImmutableArray<(string Trainer, (string Name, string Value)[] Options)> Known =
    [
        ("boosting", []),
        ("boosting",
        [
            ("learning_rate", "0.07"), ("max_leaves", "24"), ("feature_share", "0.6"), ("row_share", "0.8"),
            ("min_child_weight", "3"), ("l2", "3"),
        ]),
        ("boosting",
        [
            ("learning_rate", "0.06"), ("max_leaves", "64"), ("feature_share", "0.5"), ("row_share", "0.8"),
            ("min_child_weight", "10"), ("l2", "5"),
        ]),
        ("extra_trees", []),
        ("mlp", []),
        ("boosting",
        [
            ("learning_rate", "0.06"), ("max_leaves", "6"), ("feature_share", "0.5"), ("row_share", "0.7"),
            ("min_child_weight", "5"), ("l2", "10"), ("category_smoothing", "40"),
        ]),
        ("random_forest", []),
        ("linear", [("l2", "100")]),
        ("boosting",
        [
            ("learning_rate", "0.03"), ("max_leaves", "120"), ("feature_share", "0.35"), ("row_share", "0.7"),
            ("min_child_weight", "20"), ("l2", "10"),
        ]),
        ("linear", [("l2", "0.01")]),
        ("boosting",
        [
            ("learning_rate", "0.05"), ("max_leaves", "4"), ("feature_share", "0.4"), ("row_share", "0.6"),
            ("min_child_weight", "10"), ("l2", "20"), ("category_smoothing", "80"), ("category_l2", "50"),
        ]),
        ("boosting",
        [
            ("learning_rate", "0.03"), ("max_leaves", "32"), ("feature_share", "1"), ("row_share", "0.6"),
            ("min_child_weight", "1"), ("l2", "0.5"), ("category_l2", "2"),
        ]),
    ];

    /// <summary>The first trials.</summary>
    /// <param name="shelf">What may be tried.</param>
    public static ImmutableArray<TrialSpec> Of(TrainerShelf shelf)
    {
        var specs = ImmutableArray.CreateBuilder<TrialSpec>();
        var taken = new HashSet<string>(StringComparer.Ordinal);

        void Add(string trainer, TrialOrigin origin, params (string Name, string Value)[] options)
        {
            if (!shelf.Has(trainer) && origin != TrialOrigin.Baseline) return;
            if (shelf.Fit(trainer, options, origin) is { } spec && taken.Add(spec.Key)) specs.Add(spec);
        }

        Add(DummyTrainer.TrainerName, TrialOrigin.Baseline);
        if (shelf.LearnsLinearly) Add(LinearTrainer.TrainerName, TrialOrigin.Baseline);
        foreach (var (trainer, options) in Known) Add(trainer, TrialOrigin.Portfolio, options);
        foreach (var trainer in shelf.Names) Add(trainer, TrialOrigin.Portfolio);
        return specs.ToImmutable();
    }
}
