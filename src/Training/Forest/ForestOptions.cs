using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Hyperparameters of <see cref="ForestTrainer"/>.</summary>
public sealed record ForestOptions
{
    /// <summary>The number of trees. 1 to 10,000.</summary>
    public int Trees { get; init; } = 100;

    /// <summary>The most splits from root to leaf; 0 sets no limit. 0 to 1,000.</summary>
    public int MaxDepth { get; init; }

    /// <summary>
    /// The fewest different rows in a leaf, 1 to 1,000,000; 0 takes 5, or 1 for multiclass (as R's randomForest has it
    /// for regression and classes; two classes count as a probability to be estimated, which larger leaves do better).
    /// </summary>
    public int MinLeafRows { get; init; }

    /// <summary>
    /// The share of features that each node looks at, up to 1; 0 takes the square root of their number for classes and
    /// all for regression (as scikit-learn does).
    /// </summary>
    public double NodeFeatureShare { get; init; }

    /// <summary>Whether each tree learns from rows drawn with replacement, as many as there are (or the share of
    /// <see cref="RowShare"/>); else from all, or from a share drawn without.</summary>
    public bool Bootstrap { get; init; }

    /// <summary>How many rows each tree draws, as a share of all. Above 0, up to 1.</summary>
    public double RowShare { get; init; } = 1;

    /// <summary>The most bins of a number, beside the one for missing values. 2 to 255.</summary>
    public int MaxBins { get; init; } = 255;

    /// <summary>Reads options from text; names are the properties' in snake case.</summary>
    /// <param name="kind">What is not said follows from it.</param>
    /// <param name="values">The texts.</param>
    /// <exception cref="Gyre.Primitives.GyreException">An option is unknown or out of range.</exception>
    public static ForestOptions Parse(ForestKind kind, IReadOnlyDictionary<string, string> values)
    {
        var defaults = Default(kind);
        var reader = new OptionReader(ForestTrainer.NameOf(kind), values);
        var options = new ForestOptions
        {
            Trees = reader.Integer("trees", defaults.Trees, 1, 10_000),
            MaxDepth = reader.Integer("max_depth", defaults.MaxDepth, 0, 1000),
            MinLeafRows = reader.Integer("min_leaf_rows", defaults.MinLeafRows, 0, 1_000_000),
            NodeFeatureShare = reader.Number("node_feature_share", defaults.NodeFeatureShare, 0, 1),
            Bootstrap = reader.Flag("bootstrap", defaults.Bootstrap),
            RowShare = reader.Number("row_share", defaults.RowShare, 0, 1, exclusiveLeast: true),
            MaxBins = reader.Integer("max_bins", defaults.MaxBins, 2, 255),
        };
        reader.RefuseUnknown();
        return options;
    }

    /// <summary>The defaults: random forests draw rows, extra trees take all.</summary>
    public static ForestOptions Default(ForestKind kind) => new() { Bootstrap = kind == ForestKind.Random };

    internal int LeastRows(TaskKind task) => MinLeafRows > 0 ? MinLeafRows : task == TaskKind.Multiclass ? 1 : 5;

    internal int FeaturesPerNode(TaskKind task, int features) => NodeFeatureShare > 0
        ? Math.Max(1, (int)Math.Round(features * NodeFeatureShare))
        : task == TaskKind.Regression ? features : Math.Max(1, (int)Math.Sqrt(features));

    internal IReadOnlyDictionary<string, string> ToParameters() => ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        new Dictionary<string, string>
        {
            ["trees"] = OptionText.Of(Trees),
            ["max_depth"] = OptionText.Of(MaxDepth),
            ["min_leaf_rows"] = OptionText.Of(MinLeafRows),
            ["node_feature_share"] = OptionText.Of(NodeFeatureShare),
            ["bootstrap"] = OptionText.Of(Bootstrap),
            ["row_share"] = OptionText.Of(RowShare),
            ["max_bins"] = OptionText.Of(MaxBins),
        });
}

/// <summary>How the trees of a forest differ from each other.</summary>
public enum ForestKind
{
    /// <summary>By the rows and features they are given; each node takes the best split (Breiman 2001).</summary>
    Random,

    /// <summary>By the features they are given and by thresholds drawn at random, of which each node takes the best
    /// (Geurts, Ernst and Wehenkel 2006).</summary>
    Extra,
}
