using Gyre.Tabular;

namespace Gyre.Training.Boosting;

/// <summary>
/// What boosting minimises: base scores, gradients and the loss itself. Scores are one float64 array per output;
/// gradients one array of float32 pairs (first and second derivative) per output: histograms read them row by row, and
/// float32 halves what must come from memory while bins still sum them in float64.
/// </summary>
internal abstract class BoostingLoss
{
    /// <summary>The constant scores that fit the rows best.</summary>
    public abstract float[] BaseScores(double[] target);

    /// <summary>Fills the gradients of the rows from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public abstract void FillGradients(double[][] scores, double[] target, float[][] gradients, int from, int to);

    /// <summary>One row's loss.</summary>
    public abstract double Loss(double[][] scores, int row, double target);

    public static BoostingLoss For(TaskKind task, int outputs) => task switch
    {
        TaskKind.Regression => new SquaredErrorLoss(),
        TaskKind.Binary => new LogisticLoss(),
        _ => new SoftmaxLoss(outputs),
    };
}
