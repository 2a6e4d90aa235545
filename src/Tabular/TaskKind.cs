namespace Gyre.Tabular;

/// <summary>What a model predicts.</summary>
public enum TaskKind
{
    /// <summary>A real number.</summary>
    Regression,

    /// <summary>One of two classes; the prediction is the probability of the positive one.</summary>
    Binary,

    /// <summary>One of three or more classes; the prediction is a probability per class.</summary>
    Multiclass,

    /// <summary>The items that a user is most likely to want next; the prediction is a ranked list of them.</summary>
    Recommendation,
}

/// <summary>What tasks have in common.</summary>
public static class TaskKinds
{
    /// <summary>Whether the target is one of a list of classes.</summary>
    public static bool HasClasses(this TaskKind task) => task is TaskKind.Binary or TaskKind.Multiclass;

    /// <summary>
    /// Numbers in a row of predictions: 1 for regression and binary tasks, one per class for multiclass, and
    /// <see cref="RecommendationOutputs"/> for recommendation.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="classes">The number of classes, where it has classes.</param>
    public static int OutputsOf(this TaskKind task, int classes) => task switch
    {
        TaskKind.Multiclass => classes,
        TaskKind.Recommendation => RecommendationOutputs,
        _ => 1,
    };

    /// <summary>
    /// Numbers in a row of predictions of a recommender: the value predicted, the place of the row's item in the list for
    /// its user (from 1; 0 when it is not in the list), and a number that tells users apart.
    /// </summary>
    public const int RecommendationOutputs = 3;
}
