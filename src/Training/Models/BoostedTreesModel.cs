using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// A sum of trees over the features of a <see cref="TreePreprocessing"/>: score k = base score k + Σ leaf values of the
/// trees for output k. The learning rate is folded into the leaf values. Prediction sums float32 leaves in float64.
/// </summary>
public sealed class BoostedTreesModel : Model
{
    private readonly FlatTrees _flat;

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
        _flat = new FlatTrees(trees);
    }

    /// <summary>The trees, in training order.</summary>
    public ImmutableArray<Tree> Trees { get; }

    /// <summary>One per output: where scores start.</summary>
    public ImmutableArray<float> BaseScores { get; }

    /// <summary>What turns scores into predictions.</summary>
    public OutputLink Link { get; }

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions)
    {
        var columns = ((TreePreprocessing)preprocessing).Encode(table);
        var outputs = BaseScores.Length;
        var rows = new float[FlatTrees.BlockRows * columns.Length];
        for (var start = 0; start < table.RowCount; start += FlatTrees.BlockRows)
        {
            var count = Math.Min(FlatTrees.BlockRows, table.RowCount - start);
            for (var f = 0; f < columns.Length; f++)
            {
                for (var i = 0; i < count; i++) rows[(i * columns.Length) + f] = columns[f][start + i];
            }

            var scores = predictions.AsSpan(start * outputs, count * outputs);
            for (var i = 0; i < scores.Length; i++) scores[i] = BaseScores[i % outputs];
            _flat.Add(rows, columns.Length, count, scores, outputs);
        }

        OutputLinks.Apply(Link, predictions, outputs);
    }
}
