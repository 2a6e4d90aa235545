using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// The mean over trees of what their leaves predict: a number, the probability of the positive class, or the
/// probabilities of all classes (the mean of the leaves' class shares). Structure and leaves are separate: a tree of
/// many classes has one structure. Prediction sums float32 leaves in float64.
/// </summary>
public sealed class ForestModel : Model
{
    private readonly TreeScorer? _scorer;

    /// <summary>Creates it.</summary>
    /// <param name="trees">The trees; with one output their leaf values are the means.</param>
    /// <param name="means">What the leaves predict, one per tree.</param>
    /// <param name="outputs">1 for regression and two classes, else the number of classes.</param>
    /// <param name="outOfBag">The score on rows that trees did not see; null when all saw all.</param>
    /// <exception cref="ArgumentException">There is no tree, or not one set of leaves per tree.</exception>
    public ForestModel(
        ImmutableArray<Tree> trees, ImmutableArray<LeafMeans> means, int outputs, OutOfBagScore? outOfBag = null)
    {
        if (trees.IsEmpty || trees.Length != means.Length)
            throw new ArgumentException($"{means.Length} sets of leaves for {trees.Length} trees.", nameof(means));
        (Trees, Means, Outputs, OutOfBag) = (trees, means, outputs, outOfBag);
        if (outputs == 1) _scorer = new TreeScorer(trees);
    }

    /// <summary>The trees.</summary>
    public ImmutableArray<Tree> Trees { get; }

    /// <summary>What the leaves predict, one per tree.</summary>
    public ImmutableArray<LeafMeans> Means { get; }

    /// <summary>Numbers per row.</summary>
    public int Outputs { get; }

    /// <summary>The score on rows that trees did not see; null when all saw all.</summary>
    public OutOfBagScore? OutOfBag { get; }

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions) =>
        Predict(preprocessing, table, predictions, Environment.ProcessorCount);

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions, int threads)
    {
        var inputs = (TreePreprocessing)preprocessing;
        if (_scorer is not null) _scorer.Add(inputs, table, predictions, Outputs, threads);
        else AddShares(inputs.Encode(table), predictions);
        for (var i = 0; i < predictions.Length; i++) predictions[i] /= Trees.Length;
    }

    private void AddShares(float[][] columns, double[] predictions)
    {
        var row = new float[columns.Length];
        for (var i = 0; i < predictions.Length / Outputs; i++)
        {
            for (var f = 0; f < columns.Length; f++) row[f] = columns[f][i];
            for (var t = 0; t < Trees.Length; t++)
                Means[t].AddTo(predictions.AsSpan(i * Outputs, Outputs), Trees[t].LeafOf(row));
        }
    }
}

/// <summary>How well a forest predicts rows by those of its trees that did not learn from them: an estimate of its error
/// on new rows that costs no held-out rows.</summary>
/// <param name="Metric">The task's default metric.</param>
/// <param name="Value">Its value.</param>
/// <param name="Rows">How many rows some tree did not see.</param>
public sealed record OutOfBagScore(string Metric, double Value, int Rows);
