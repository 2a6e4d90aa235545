using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training.Boosting;

/// <summary>The names of losses.</summary>
internal static class BoostingLosses
{
    /// <summary>Stands for the first of the task.</summary>
    public const string DefaultName = "default";

    public const string Squared = "squared";
    public const string Absolute = "absolute";
    public const string Quantile = "quantile";
    public const string Huber = "huber";
    public const string Poisson = "poisson";
    public const string Logistic = "logistic";
    public const string Softmax = "softmax";

    public static ImmutableArray<string> All { get; } =
        [Squared, Absolute, Quantile, Huber, Poisson, Logistic, Softmax];

    /// <summary>The losses of a task, the default first.</summary>
    public static ImmutableArray<string> Of(TaskKind task) => task switch
    {
        TaskKind.Regression => [Squared, Absolute, Quantile, Huber, Poisson],
        TaskKind.Binary => [Logistic],
        _ => [Softmax],
    };

    public static string Default(TaskKind task) => Of(task)[0];

    public static string Say(TaskKind task) => task.ToString().ToLowerInvariant();
}
