using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// A trained model over preprocessed numbers: <see cref="ConstantModel"/>, <see cref="LinearModel"/> or
/// <see cref="BoostedTreesModel"/>. Immutable, thread-safe. All parameters are float32.
/// </summary>
public abstract class Model
{
    private protected Model()
    {
    }

    /// <summary>Fills row-major rows × outputs predictions.</summary>
    internal abstract void Predict(Preprocessing preprocessing, Table table, double[] predictions);

    /// <summary>The same on up to a number of threads, where a model has use for them.</summary>
    internal virtual void Predict(Preprocessing preprocessing, Table table, double[] predictions, int threads) =>
        Predict(preprocessing, table, predictions);
}

/// <summary>What turns a model's raw scores into predictions.</summary>
public enum OutputLink
{
    /// <summary>The score is the prediction (regression).</summary>
    Identity,

    /// <summary>P(positive) = 1 / (1 + e^−score).</summary>
    Logistic,

    /// <summary>P(class k) = e^score k / Σ e^score.</summary>
    Softmax,

    /// <summary>The prediction is e^score (counts and rates).</summary>
    Exp,
}

/// <summary>Links for tasks, and their application.</summary>
internal static class OutputLinks
{
    public static OutputLink For(TaskKind task) => task switch
    {
        TaskKind.Regression => OutputLink.Identity,
        TaskKind.Binary => OutputLink.Logistic,
        _ => OutputLink.Softmax,
    };

    /// <summary>Turns raw scores (row-major, rows × outputs) into predictions in place.</summary>
    public static void Apply(OutputLink link, Span<double> scores, int outputs)
    {
        if (link == OutputLink.Identity) return;
        if (link == OutputLink.Logistic)
        {
            foreach (ref var score in scores) score = 1 / (1 + Math.Exp(-score));
            return;
        }

        if (link == OutputLink.Exp)
        {
            foreach (ref var score in scores) score = Math.Exp(score);
            return;
        }

        for (var start = 0; start < scores.Length; start += outputs) Softmax(scores.Slice(start, outputs));
    }

    // The largest score is subtracted first, so that no exponential overflows.
    public static void Softmax(Span<double> row)
    {
        var largest = double.NegativeInfinity;
        foreach (var score in row) largest = Math.Max(largest, score);
        var sum = 0.0;
        foreach (ref var score in row)
        {
            score = Math.Exp(score - largest);
            sum += score;
        }

        foreach (ref var score in row) score /= sum;
    }
}
