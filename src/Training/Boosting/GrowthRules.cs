namespace Gyre.Training.Boosting;

/// <summary>What trees keep to while they grow: the options, and what follows from the loss and the features.</summary>
internal sealed class GrowthRules
{
    private readonly sbyte[]? _directions;

    /// <summary>Makes rules.</summary>
    /// <param name="options">The options.</param>
    /// <param name="unitHessian">Whether every row's second derivative is 1.</param>
    /// <param name="weights">How much each row counts; null for one each.</param>
    /// <param name="largestStep">The largest absolute value of a leaf before the learning rate.</param>
    /// <param name="directions">Per feature +1, −1 or 0: whether the score must rise or fall with it; null for no
    /// constraint.</param>
    public GrowthRules(
        BoostingOptions options, bool unitHessian = false, double[]? weights = null,
        double largestStep = double.PositiveInfinity, sbyte[]? directions = null)
    {
        (Options, Weights, LargestStep, _directions) = (options, weights, largestStep, directions);
        var sumsCount = unitHessian && weights is null;
        CountsRows = options.MinLeafRows > 1 && !sumsCount;
        MinWeight = sumsCount ? Math.Max(options.MinChildWeight, options.MinLeafRows) : options.MinChildWeight;
        IsPlain = options.L1 == 0 && directions is null && double.IsPositiveInfinity(largestStep);
    }

    public BoostingOptions Options { get; }

    /// <summary>How much each row counts; null for one each.</summary>
    public double[]? Weights { get; }

    public double LargestStep { get; }

    /// <summary>Whether rows must be counted beside the sums of gradients.</summary>
    public bool CountsRows { get; }

    /// <summary>The least sum of hessians in a leaf.</summary>
    public double MinWeight { get; }

    /// <summary>Whether a leaf's value is −G / (H + λ) without more.</summary>
    public bool IsPlain { get; }

    /// <summary>Whether any feature has a direction.</summary>
    public bool HasDirections => _directions is not null;

    /// <summary>+1 when the score must rise with a feature, −1 when it must fall, else 0.</summary>
    public int Direction(int feature) => _directions is null ? 0 : _directions[feature];

    /// <summary>
    /// The step w within bounds that minimises G w + ½ (H + λ) w² + α |w|: −soft(G, α) / (H + λ), cut to the bounds.
    /// </summary>
    public double Step(in LeafSums leaf, double l2) => Step(leaf.Gradient, leaf.Hessian, leaf.Lower, leaf.Upper, l2);

    /// <inheritdoc cref="Step(in LeafSums, double)"/>
    public double Step(double gradient, double hessian, double lower, double upper, double l2)
    {
        var weight = hessian + l2;
        return weight <= 0 ? Math.Clamp(0, lower, upper) : Math.Clamp(-Soft(gradient) / weight, lower, upper);
    }

    /// <summary>Twice the fall in loss by a step w: −2 G w − (H + λ) w² − 2 α |w|.</summary>
    public double Score(double gradient, double hessian, double step, double l2) =>
        -(2 * gradient * step) - ((hessian + l2) * step * step) - (2 * Options.L1 * Math.Abs(step));

    private double Soft(double gradient) =>
        Options.L1 == 0 ? gradient : Math.Sign(gradient) * Math.Max(Math.Abs(gradient) - Options.L1, 0);
}

/// <summary>The sums over a leaf's rows, and the bounds that monotone constraints above it put on its step.</summary>
internal readonly record struct LeafSums(
    double Gradient, double Hessian, int Rows = 0, double Lower = double.NegativeInfinity,
    double Upper = double.PositiveInfinity);
