using System.Collections.Immutable;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>
/// Boosted trees without categories. Thresholds and the matrix are float32, in which the engine compares exactly; it
/// sums leaves in float32 too, so each TreeEnsembleRegressor holds few trees of one output, and their sums are added in
/// float64. Half the bytes a node and one score at a time are what makes it fast with many classes.
/// </summary>
internal static class NumericEnsemble
{
    /// <summary>Probabilities of letter_recognition are off by 3e-6 (with 32 by 2.5e-6); parity allows 1e-5.</summary>
    private const int GroupTrees = 64;

    /// <summary>Scores, [N, outputs] float64.</summary>
    public static string Scores(GraphMath math, NumericMatrix matrix, BoostedTreesModel model)
    {
        var scores = new string[model.BaseScores.Length];
        for (var output = 0; output < scores.Length; output++)
        {
            scores[output] = math.Number(model.BaseScores[output]);
            foreach (var group in TreesOf(model, output).Chunk(GroupTrees))
                scores[output] = math.Add(scores[output], math.ToNumber(FloatEnsemble.Write(math.Graph, matrix.Name, group, matrix.ColumnOf)));
        }

        return scores.Length == 1 ? scores[0] : math.Graph.Node("Concat", scores, NodeAttribute.Of("axis", 1L));
    }

    /// <summary>
    /// Whether the form fits: numeric splits only, and scores whose last digits do not matter because they become
    /// probabilities. Regression keeps sums in float64: a prediction near 0 may be the rest of large leaves.
    /// </summary>
    public static bool Fits(BoostedTreesModel model) =>
        model.Link is OutputLink.Logistic or OutputLink.Softmax
        && model.Trees.All(tree => tree.CategorySets.IsEmpty);

    // An output without trees still needs rows.
    private static IEnumerable<Tree> TreesOf(BoostedTreesModel model, int output) =>
        model.Trees.Where(tree => tree.Output == output).DefaultIfEmpty(new Tree
        {
            Output = output,
            Feature = [Tree.Leaf],
            Threshold = [0],
            Left = [0],
            Right = [0],
            DefaultLeft = [false],
            CategorySet = [-1],
            CategorySets = [],
            Value = [0],
            Gain = [0],
            Cover = [0],
        });
}
