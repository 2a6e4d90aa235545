using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Gyre.Numerics;

/// <summary>
/// The metrics. Those reported of every model: <c>rmse</c>, <c>mae</c>, <c>r2</c> for regression; <c>log_loss</c>,
/// <c>roc_auc</c>, <c>pr_auc</c> (average precision), <c>f1</c>, <c>accuracy</c>, <c>brier</c> for classification. Those
/// that may be asked for beside them are in <see cref="AllRegression"/>, <see cref="AllBinary"/> and
/// <see cref="AllMulticlass"/>.
/// </summary>
/// <remarks>
/// Of two classes the second is the positive one, at 0.5 where a decision is needed. More classes: <c>f1</c>,
/// <c>precision</c>, <c>recall</c> and <c>specificity</c> are the unweighted mean over the classes that occur among targets
/// or predictions; <c>roc_auc</c>, <c>pr_auc</c>, <c>gini</c> (2 AUC − 1) and <c>ks</c> the unweighted mean of one class
/// against the rest, over the classes that occur; <c>brier</c> the mean over rows of the squared distances summed over
/// classes; <c>f1_micro</c> is the accuracy; in <c>top_3_accuracy</c> the first of equally likely classes comes first.
/// Definitions are scikit-learn's, but for two: <c>mape</c> is undefined (NaN) where a target is 0, and
/// <c>poisson_deviance</c> where a prediction is not above 0 or a target is below it.
/// </remarks>
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
        ["mape"] = false,
        ["median_absolute_error"] = false,
        ["max_error"] = false,
        ["explained_variance"] = true,
        ["poisson_deviance"] = false,
        ["precision"] = true,
        ["recall"] = true,
        ["specificity"] = true,
        ["balanced_accuracy"] = true,
        ["mcc"] = true,
        ["cohen_kappa"] = true,
        ["f1_micro"] = true,
        ["f1_weighted"] = true,
        ["top_3_accuracy"] = true,
        ["expected_calibration_error"] = false,
        ["ks"] = true,
        ["gini"] = true,
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

    /// <summary>All metrics of regression, the reported ones first.</summary>
    public static ImmutableArray<string> AllRegression { get; } =
        [.. Regression, "mape", "median_absolute_error", "max_error", "explained_variance", "poisson_deviance"];

    /// <summary>All metrics of two classes, the reported ones first.</summary>
    public static ImmutableArray<string> AllBinary { get; } =
    [
        .. Classification, "precision", "recall", "specificity", "balanced_accuracy", "mcc", "cohen_kappa", "f1_micro",
        "f1_weighted", "expected_calibration_error", "ks", "gini",
    ];

    /// <summary>All metrics of several classes, the reported ones first.</summary>
    public static ImmutableArray<string> AllMulticlass { get; } = [.. AllBinary, "top_3_accuracy"];

    /// <summary>Whether more is better.</summary>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public static bool HigherIsBetter(string name) => Higher.TryGetValue(name, out var higher)
        ? higher
        : throw new ArgumentException(
            $"There is no metric '{name}'; there are {string.Join(", ", Higher.Keys.Order(StringComparer.Ordinal))}.",
            nameof(name));
}
