using Gyre.Tabular;

namespace Gyre.Training.Neural;

/// <summary>Half the squared error, log loss of a logistic score, or cross entropy of softmax scores.</summary>
internal static class NetworkLoss
{
    /// <summary>A row's loss, and its derivatives by the scores.</summary>
    /// <param name="task">Chooses the loss.</param>
    /// <param name="scores">One, or one per class.</param>
    /// <param name="target">The value (regression), 0 or 1 (binary), the class's position.</param>
    /// <param name="slopes">To be filled, as long as the scores; empty when nobody asks.</param>
    /// <param name="weight">What the derivatives are multiplied by.</param>
    public static double Of(
        TaskKind task, ReadOnlySpan<float> scores, float target, Span<float> slopes, double weight) => task switch
        {
            TaskKind.Regression => Squared(scores[0], target, slopes, weight),
            TaskKind.Binary => Logistic(scores[0], target, slopes, weight),
            _ => CrossEntropy(scores, (int)target, slopes, weight),
        };

    private static double Squared(double score, double target, Span<float> slopes, double weight)
    {
        if (!slopes.IsEmpty) slopes[0] = (float)(weight * (score - target));
        return 0.5 * (score - target) * (score - target);
    }

    private static double Logistic(double score, double target, Span<float> slopes, double weight)
    {
        if (!slopes.IsEmpty) slopes[0] = (float)(weight * ((1 / (1 + Math.Exp(-score))) - target));
        return Math.Max(score, 0) - (score * target) + Math.Log(1 + Math.Exp(-Math.Abs(score)));
    }

    // The largest score is subtracted first, so that no exponential overflows.
    private static double CrossEntropy(ReadOnlySpan<float> scores, int target, Span<float> slopes, double weight)
    {
        double largest = scores[0];
        foreach (var score in scores) largest = Math.Max(largest, score);
        var sum = 0.0;
        foreach (var score in scores) sum += Math.Exp(score - largest);
        for (var k = 0; k < slopes.Length; k++)
            slopes[k] = (float)(weight * ((Math.Exp(scores[k] - largest) / sum) - (k == target ? 1 : 0)));
        return Math.Log(sum) - (scores[target] - largest);
    }
}
