using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Gyre.Numerics;

/// <summary>
/// The metrics: <c>rmse</c>, <c>mae</c>, <c>r2</c> for regression; <c>log_loss</c>, <c>roc_auc</c>, <c>pr_auc</c>
/// (average
/// precision), <c>f1</c>, <c>accuracy</c>, <c>brier</c> for classification. Of two classes the second is the positive
/// one, at 0.5
/// where a decision is needed. More classes: <c>f1</c> is the unweighted mean over the classes that occur among targets
/// or
/// predictions; <c>roc_auc</c> and <c>pr_auc</c> the unweighted mean of one class against the rest, over the classes
/// that
/// occur; <c>brier</c> the mean over rows of the squared distances summed over classes. Definitions are scikit-learn's.
/// </summary>
public static class MetricNames
{
    private static readonly FrozenDictionary<string, bool> Higher = new Dictionary<string, bool>
    {
        ["rmse"] = false,
        ["mae"] = false,
        ["r2"] = true,
        ["log_loss"] = false,
        ["roc_auc"] = true,
        ["pr_auc"] = true,
        ["f1"] = true,
        ["accuracy"] = true,
        ["brier"] = false,
        ["ndcg_at_10"] = true,
        ["hr_at_10"] = true,
        ["map_at_10"] = true,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The metrics of regression, the default first.</summary>
    public static ImmutableArray<string> Regression { get; } = ["rmse", "mae", "r2"];

    /// <summary>The metrics of classification, the default first.</summary>
    public static ImmutableArray<string> Classification { get; } =
        ["log_loss", "roc_auc", "pr_auc", "f1", "accuracy", "brier"];

    /// <summary>
    /// The metrics of recommendation, the default first: how well lists are ranked, the mean over users (Järvelin and
    /// Kekäläinen 2002 for the discounted gain), and how well ratings are predicted.
    /// </summary>
    public static ImmutableArray<string> Recommendation { get; } = ["ndcg_at_10", "hr_at_10", "map_at_10", "rmse", "mae"];

    /// <summary>Whether more is better.</summary>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public static bool HigherIsBetter(string name) => Higher.TryGetValue(name, out var higher)
        ? higher
        : throw new ArgumentException(
            $"There is no metric '{name}'; there are {string.Join(", ", Higher.Keys.Order(StringComparer.Ordinal))}.",
            nameof(name));
}
