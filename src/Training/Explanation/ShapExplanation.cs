using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>
/// What each feature added to each row's score: base value + Σ contributions = score, to rounding. Scores are what the
/// model's link turns into predictions: the value itself (regression), log-odds of the positive class (binary) or one
/// number per class before the softmax (multiclass). Immutable.
/// </summary>
public sealed class ShapExplanation
{
    private readonly double[] _contributions;

    internal ShapExplanation(
        ImmutableArray<string> features, ImmutableArray<double> baseValues, double[] contributions, OutputLink link)
    {
        (Features, BaseValues, _contributions, Link) = (features, baseValues, contributions, link);
        Rows = features.IsEmpty ? 0 : contributions.Length / (features.Length * baseValues.Length);
    }

    /// <summary>The features, in the model's order.</summary>
    public ImmutableArray<string> Features { get; }

    /// <summary>One per output: the mean score of the model's training rows, from which contributions start.</summary>
    public ImmutableArray<double> BaseValues { get; }

    /// <summary>What turns scores into predictions.</summary>
    public OutputLink Link { get; }

    /// <summary>The number of rows explained.</summary>
    public int Rows { get; }

    /// <summary>Row-major, rows × outputs × features.</summary>
    public ReadOnlySpan<double> Contributions => _contributions;

    /// <summary>The features' contributions to one output of one row.</summary>
    public ReadOnlySpan<double> Of(int row, int output = 0) =>
        Contributions.Slice(((row * BaseValues.Length) + output) * Features.Length, Features.Length);

    /// <summary>The score that the contributions add up to.</summary>
    public double Score(int row, int output = 0)
    {
        var score = BaseValues[output];
        foreach (var contribution in Of(row, output)) score += contribution;
        return score;
    }

    /// <summary>The mean size of each feature's contribution over all rows and outputs: the order of features in a
    /// summary.</summary>
    public ImmutableArray<double> MeanSizes()
    {
        var sums = new double[Features.Length];
        for (var i = 0; i < _contributions.Length; i++) sums[i % sums.Length] += Math.Abs(_contributions[i]);
        return [.. sums.Select(sum => sum * sums.Length / Math.Max(_contributions.Length, 1))];
    }
}
