using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// A sum of trees over the features of a <see cref="TreePreprocessing"/>: score k = base score k + Σ leaf values of the
/// trees for output k. The learning rate is folded into the leaf values. Prediction sums float32 leaves in float64.
/// </summary>
public sealed class BoostedTreesModel : Model
{
    private readonly TreeScorer _scorer;

    /// <summary>Creates it.</summary>
    /// <param name="trees">The trees, in training order.</param>
    /// <param name="baseScores">One per output.</param>
    /// <param name="link">What turns scores into predictions.</param>
    /// <exception cref="ArgumentException">A tree adds to an output that does not exist.</exception>
    public BoostedTreesModel(ImmutableArray<Tree> trees, ImmutableArray<float> baseScores, OutputLink link)
    {
        foreach (var tree in trees)
        {
            if (tree.Output < 0 || tree.Output >= baseScores.Length)
                throw new ArgumentException($"A tree adds to output {tree.Output} of {baseScores.Length}.",
                    nameof(trees));
        }

        (Trees, BaseScores, Link) = (trees, baseScores, link);
        _scorer = new TreeScorer(trees);
    }

    /// <summary>The trees, in training order.</summary>
    public ImmutableArray<Tree> Trees { get; }

    /// <summary>One per output: where scores start.</summary>
    public ImmutableArray<float> BaseScores { get; }

    /// <summary>What turns scores into predictions.</summary>
    public OutputLink Link { get; }

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions) =>
        Predict(preprocessing, table, predictions, Environment.ProcessorCount);

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions, int threads)
    {
        var outputs = BaseScores.Length;
        for (var i = 0; i < predictions.Length; i++) predictions[i] = BaseScores[i % outputs];
        _scorer.Add((TreePreprocessing)preprocessing, table, predictions, outputs, threads);
        OutputLinks.Apply(Link, predictions, outputs);
    }
}
