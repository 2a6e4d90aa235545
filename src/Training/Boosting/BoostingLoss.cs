using Gyre.Numerics;
using Gyre.Primitives;

namespace Gyre.Training.Boosting;

/// <summary>
/// What boosting minimises: base scores, gradients and the loss itself. Scores are one float64 array per output;
/// gradients one array of float32 pairs (first and second derivative) per output: histograms read them row by row, and
/// float32 halves what must come from memory while bins still sum them in float64. Row weights are multiplied in by the
/// caller; where a method takes weights, null lets each row count as one.
/// </summary>
internal abstract class BoostingLoss
{
    /// <summary>What turns scores into predictions.</summary>
    public virtual OutputLink Link => OutputLink.Identity;

    /// <summary>Whether every row's second derivative is 1, so that a sum of hessians counts rows.</summary>
    public virtual bool HasUnitHessian => false;

    /// <summary>Whether leaves take <see cref="LeafValue"/> instead of a Newton step: losses whose second derivative
    /// says nothing.</summary>
    public virtual bool RenewsLeaves => false;

    /// <summary>The largest Newton step of a leaf, before the learning rate: where a quadratic is a poor picture of the
    /// loss far from here.</summary>
    public virtual double LargestStep => double.PositiveInfinity;

    /// <summary>The constant scores that fit the rows best.</summary>
    public abstract float[] BaseScores(double[] target, double[]? weights);

    /// <summary>Fills the gradients of the rows from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public abstract void FillGradients(double[][] scores, double[] target, float[][] gradients, int from, int to);

    /// <summary>One row's loss.</summary>
    public abstract double Loss(double[][] scores, int row, double target);

    /// <summary>The step that fits a leaf best, before the learning rate; for losses that renew leaves.</summary>
    /// <param name="residuals">Target less score of the leaf's rows; may be put in another order with
    /// <paramref name="weights"/>.</param>
    /// <param name="weights">One per residual; empty when each counts as one.</param>
    public virtual double LeafValue(Span<double> residuals, Span<double> weights) =>
        throw new NotSupportedException("This loss takes Newton steps.");

    /// <summary>The mean, weighted where there are weights.</summary>
    protected static double Mean(double[] values, double[]? weights) =>
        weights is null ? Moments.Mean(values) : Moments.WeightedMean(values, weights);

    // Gradients are float32: the distance of two targets, times a weight, must be one.
    private static void RefuseHuge(TrainingSet set)
    {
        var largest = 1.0;
        foreach (var weight in set.Weights) largest = Math.Max(largest, weight);
        for (var row = 0; row < set.RowCount; row++)
        {
            if (Math.Abs(set.Target[row]) * largest <= float.MaxValue / 2) continue;
            throw GyreException.Invalid(
                $"Target '{set.TargetName}' is {set.Target[row]} in row {row + 1}"
                + (largest > 1 ? $" and weights go up to {largest}" : "")
                + "; that is beyond what gradients in float32 hold. Scale the target down.");
        }
    }

    /// <summary>The loss that options ask for on a set.</summary>
    /// <exception cref="GyreException">The loss is not one of the task, or the target does not fit it.</exception>
    public static BoostingLoss For(BoostingOptions options, TrainingSet set)
    {
        var name = options.Loss ?? BoostingLosses.Default(set.Task);
        if (!BoostingLosses.Of(set.Task).Contains(name))
        {
            throw GyreException.Invalid(
                $"Trainer '{BoostingTrainer.TrainerName}', option 'loss': '{name}' is not a loss of a "
                + $"{BoostingLosses.Say(set.Task)} target; there is {string.Join(", ", BoostingLosses.Of(set.Task))}.");
        }

        RefuseHuge(set);
        return name switch
        {
            BoostingLosses.Squared => new SquaredErrorLoss(),
            BoostingLosses.Absolute => new QuantileLoss(0.5),
            BoostingLosses.Quantile => new QuantileLoss(options.Quantile),
            BoostingLosses.Huber => HuberLoss.For(set, options.HuberDelta),
            BoostingLosses.Poisson => PoissonLoss.For(set),
            BoostingLosses.Logistic => new LogisticLoss(),
            _ => new SoftmaxLoss(set.Description.Outputs),
        };
    }
}
