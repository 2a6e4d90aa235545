using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Training.Boosting;

namespace Gyre.Training;

/// <summary>
/// Hyperparameters of <see cref="BoostingTrainer"/>. One set of defaults serves every task, but that learning rate and
/// leaf sizes, where they are not set, differ for more than two classes: docs/adr/0008-defaults-of-boosting.md.
/// </summary>
public sealed record BoostingOptions
{
    private readonly double? _learningRate;
    private readonly double? _minChildWeight;
    private readonly int? _minLeafRows;
    private readonly int? _maxLeaves;
    private readonly int? _maxDepth;
    private readonly double? _nodeFeatureShare;

    /// <summary>
    /// What is minimised: squared, absolute, quantile, huber or poisson for regression, logistic for two classes,
    /// softmax for more; null for the first of the task.
    /// </summary>
    public string? Loss { get; init; }

    /// <summary>The quantile that the loss `quantile` predicts. Above 0, below 1.</summary>
    public double Quantile { get; init; } = 0.5;

    /// <summary>
    /// Where the loss `huber` turns from squared to absolute, in units of the target; 0 takes the distance from the
    /// median that nine tenths of the training rows lie within. 0 or more.
    /// </summary>
    public double HuberDelta { get; init; }

    /// <summary>The most rounds (trees, or trees per class). 1 to 100,000.</summary>
    public int Rounds { get; init; } = 1000;

    /// <summary>What each tree's values are multiplied by: 0.05, or 0.1 for more than two classes, whose rounds grow a
    /// tree per class. Above 0, up to 1.</summary>
    public double LearningRate
    {
        get => _learningRate ?? 0.05;
        init => _learningRate = value;
    }

    /// <summary>The most leaves of a tree; leaves of the largest gain are split first. 2 to 65,536.</summary>
    public int MaxLeaves
    {
        get => _maxLeaves ?? 64;
        init => _maxLeaves = value;
    }

    /// <summary>The most splits from root to leaf; 0 sets no limit. 6, or none when <see cref="MaxLeaves"/> is set. 0 to
    /// 64.</summary>
    public int MaxDepth
    {
        get => _maxDepth ?? (_maxLeaves is null ? 6 : 0);
        init => _maxDepth = value;
    }

    /// <summary>The least sum of hessians in a leaf (for regression: rows): 1, or 0.001 for more than two classes, of
    /// which most are nearly certain in most rows. 0 or more.</summary>
    public double MinChildWeight
    {
        get => _minChildWeight ?? 1;
        init => _minChildWeight = value;
    }

    /// <summary>The fewest rows in a leaf, those of weight 0 not counted: 1, or 10 for more than two classes. 1 to
    /// 1,000,000.</summary>
    public int MinLeafRows
    {
        get => _minLeafRows ?? 1;
        init => _minLeafRows = value;
    }

    /// <summary>α of the leaf value −soft(G, α) / (H + λ): sums of gradients are moved so far towards 0. 0 or
    /// more.</summary>
    public double L1 { get; init; }

    /// <summary>λ of the leaf value −G / (H + λ). 0 or more.</summary>
    public double L2 { get; init; } = 1;

    /// <summary>Which leaf is split next.</summary>
    public TreeGrowth Growth { get; init; } = TreeGrowth.Leaf;

    /// <summary>The least gain in loss that makes a split. 0 or more.</summary>
    public double MinSplitGain { get; init; }

    /// <summary>The share of rows that each round learns from. Above 0, up to 1.</summary>
    public double RowShare { get; init; } = 1;

    /// <summary>The share of features that each tree may use. Above 0, up to 1.</summary>
    public double FeatureShare { get; init; } = 1;

    /// <summary>The share of a tree's features that each depth of it may use. Above 0, up to 1.</summary>
    public double LevelFeatureShare { get; init; } = 1;

    /// <summary>The share of a depth's features that each node may use, at least two: 0.7, or 1 when features are sampled
    /// by tree or depth. Above 0, up to 1.</summary>
    public double NodeFeatureShare
    {
        get => _nodeFeatureShare ?? (FeatureShare < 1 || LevelFeatureShare < 1 ? 1 : 0.7);
        init => _nodeFeatureShare = value;
    }

    /// <summary>Features with which the prediction may only rise or only fall, other features being equal.</summary>
    public MonotoneConstraints Monotone { get; init; } = MonotoneConstraints.None;

    /// <summary>The most bins of a number, beside the one for missing values. 2 to 255.</summary>
    public int MaxBins { get; init; } = 255;

    /// <summary>Features of at most so many categories are split without <see cref="CategorySmoothing"/> and
    /// <see cref="CategoryL2"/>: there is little to overfit. 0 to 255.</summary>
    public int FewCategories { get; init; } = 8;

    /// <summary>Added to a category's hessian when categories are ordered by G / H, so that rare ones stand near 0. 0
    /// or more.</summary>
    public double CategorySmoothing { get; init; } = 10;

    /// <summary>Added to λ when the gain of a categorical split is computed, against fitting the noise of many
    /// categories. 0 or more.</summary>
    public double CategoryL2 { get; init; } = 10;

    /// <summary>
    /// What is watched on validation rows: a metric of the task (<see cref="Metrics.All"/>), or null for the loss.
    /// </summary>
    public string? EarlyStoppingMetric { get; init; }

    /// <summary>Ends when what is watched on validation rows has not improved for so many rounds; 0 never does.</summary>
    public int EarlyStoppingRounds { get; init; } = 50;

    /// <summary>
    /// The share of training rows set aside for early stopping when the caller gives no validation rows. Between 0 and
    /// 0.5; 0 trains all rounds on all rows.
    /// </summary>
    public double ValidationShare { get; init; } = 0.2;

    /// <summary>
    /// Whether, after early stopping on training rows set aside, the model is trained again on all rows for as many
    /// rounds as were best.
    /// </summary>
    public bool Refit { get; init; } = true;

    /// <summary>What text columns become: by default the weights of the 1,000 most frequent terms.</summary>
    public TextOptions Text { get; init; } = TextOptions.ForTrees;

    /// <summary>Reads options from text; names are the properties' in snake case (<c>learning_rate</c>,
    /// <c>max_leaves</c>, …), and those of <see cref="TextOptions"/>.</summary>
    /// <exception cref="Gyre.Primitives.GyreException">An option is unknown or out of range.</exception>
    public static BoostingOptions Parse(IReadOnlyDictionary<string, string> values)
    {
        var defaults = new BoostingOptions();
        var reader = new OptionReader(BoostingTrainer.TrainerName, values);
        var options = new BoostingOptions
        {
            Loss = reader.Choice("loss", [BoostingLosses.DefaultName, .. BoostingLosses.All]) is { } loss
                && loss != BoostingLosses.DefaultName ? loss : null,
            Quantile = reader.Number("quantile", defaults.Quantile, 0.001, 0.999),
            HuberDelta = reader.Number("huber_delta", defaults.HuberDelta, 0, 1e30),
            Rounds = reader.Integer("rounds", defaults.Rounds, 1, 100_000),
            Growth = reader.Choice("growth", ["leaf", "depth"]) == "depth" ? TreeGrowth.Depth : defaults.Growth,
            L1 = reader.Number("l1", defaults.L1, 0, 1e9),
            L2 = reader.Number("l2", defaults.L2, 0, 1e9),
            MinSplitGain = reader.Number("min_split_gain", defaults.MinSplitGain, 0, 1e12),
            RowShare = reader.Number("row_share", defaults.RowShare, 0, 1, exclusiveLeast: true),
            FeatureShare = reader.Number("feature_share", defaults.FeatureShare, 0, 1, exclusiveLeast: true),
            LevelFeatureShare = reader.Number(
                "level_feature_share", defaults.LevelFeatureShare, 0, 1, exclusiveLeast: true),
            Monotone = reader.Parsed(
                "monotone", defaults.Monotone, MonotoneConstraints.TryParse, MonotoneConstraints.Form),
            MaxBins = reader.Integer("max_bins", defaults.MaxBins, 2, 255),
            CategorySmoothing = reader.Number("category_smoothing", defaults.CategorySmoothing, 0, 1e9),
            CategoryL2 = reader.Number("category_l2", defaults.CategoryL2, 0, 1e9),
            FewCategories = reader.Integer("few_categories", defaults.FewCategories, 0, 255),
            EarlyStoppingMetric = reader.Choice("early_stopping_metric", EarlyStopping.Names) is { } metric
                && metric != EarlyStopping.LossName ? metric : null,
            EarlyStoppingRounds = reader.Integer("early_stopping_rounds", defaults.EarlyStoppingRounds, 0, 100_000),
            ValidationShare = reader.Number("validation_share", defaults.ValidationShare, 0, 0.5),
            Refit = reader.Flag("refit", defaults.Refit),
            Text = TextOptions.Read(reader, defaults.Text),
        };
        if (reader.Asks("learning_rate"))
            options = options with { LearningRate = reader.Number("learning_rate", 1, 0, 1, exclusiveLeast: true) };
        if (reader.Asks("min_child_weight"))
            options = options with { MinChildWeight = reader.Number("min_child_weight", 1, 0, 1e9) };
        if (reader.Asks("min_leaf_rows"))
            options = options with { MinLeafRows = reader.Integer("min_leaf_rows", 1, 1, 1_000_000) };
        if (reader.Asks("max_leaves"))
            options = options with { MaxLeaves = reader.Integer("max_leaves", 2, 2, 65_536) };
        if (reader.Asks("max_depth")) options = options with { MaxDepth = reader.Integer("max_depth", 0, 0, 64) };
        if (reader.Asks("node_feature_share"))
        {
            options = options with
            {
                NodeFeatureShare = reader.Number("node_feature_share", 1, 0, 1, exclusiveLeast: true),
            };
        }

        reader.RefuseUnknown();
        return options;
    }

    /// <summary>The same options with what follows from the task filled in.</summary>
    internal BoostingOptions For(TaskKind task) => task != TaskKind.Multiclass
        ? this
        : this with
        {
            LearningRate = _learningRate ?? 0.1,
            MinChildWeight = _minChildWeight ?? 0.001,
            MinLeafRows = _minLeafRows ?? 10,
        };

    internal IReadOnlyDictionary<string, string> ToParameters() => ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        new Dictionary<string, string>(Text.ToParameters())
        {
            ["loss"] = Loss ?? BoostingLosses.DefaultName,
            ["quantile"] = OptionText.Of(Quantile),
            ["huber_delta"] = OptionText.Of(HuberDelta),
            ["rounds"] = OptionText.Of(Rounds),
            ["learning_rate"] = _learningRate is { } rate ? OptionText.Of(rate) : OptionText.Auto,
            ["max_leaves"] = _maxLeaves is { } leaves ? OptionText.Of(leaves) : OptionText.Auto,
            ["max_depth"] = _maxDepth is { } depth ? OptionText.Of(depth) : OptionText.Auto,
            ["growth"] = Growth == TreeGrowth.Depth ? "depth" : "leaf",
            ["min_child_weight"] = _minChildWeight is { } weight ? OptionText.Of(weight) : OptionText.Auto,
            ["min_leaf_rows"] = _minLeafRows is { } rows ? OptionText.Of(rows) : OptionText.Auto,
            ["l1"] = OptionText.Of(L1),
            ["l2"] = OptionText.Of(L2),
            ["min_split_gain"] = OptionText.Of(MinSplitGain),
            ["row_share"] = OptionText.Of(RowShare),
            ["feature_share"] = OptionText.Of(FeatureShare),
            ["level_feature_share"] = OptionText.Of(LevelFeatureShare),
            ["node_feature_share"] = _nodeFeatureShare is { } share ? OptionText.Of(share) : OptionText.Auto,
            ["monotone"] = Monotone.ToString(),
            ["max_bins"] = OptionText.Of(MaxBins),
            ["category_smoothing"] = OptionText.Of(CategorySmoothing),
            ["category_l2"] = OptionText.Of(CategoryL2),
            ["few_categories"] = OptionText.Of(FewCategories),
            ["early_stopping_metric"] = EarlyStoppingMetric ?? EarlyStopping.LossName,
            ["early_stopping_rounds"] = OptionText.Of(EarlyStoppingRounds),
            ["validation_share"] = OptionText.Of(ValidationShare),
            ["refit"] = OptionText.Of(Refit),
        });
}
