using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>
/// Trees whose leaves are summed to scores: what TreeSHAP needs of a model, whatever makes the trees' features.
/// Immutable.
/// </summary>
/// <param name="Trees">The trees, with the number of training rows at every node.</param>
/// <param name="Start">One per output: where sums over trees start.</param>
/// <param name="Link">What turns sums into predictions.</param>
/// <param name="Means">What leaves add when one leaf adds to several outputs, one per tree; empty when each adds its
/// value to its tree's output.</param>
/// <param name="Scale">What leaves are multiplied by.</param>
public sealed record ExplainedTrees(
    ImmutableArray<Tree> Trees, ImmutableArray<double> Start, OutputLink Link, ImmutableArray<LeafMeans> Means,
    double Scale)
{
    /// <summary>Those of boosted trees.</summary>
    public static ExplainedTrees Of(BoostedTreesModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new ExplainedTrees(model.Trees, [.. model.BaseScores.Select(score => (double)score)], model.Link, [], 1);
    }

    /// <summary>Those of a forest, whose scores are its predictions.</summary>
    public static ExplainedTrees Of(ForestModel forest)
    {
        ArgumentNullException.ThrowIfNull(forest);
        return new ExplainedTrees(forest.Trees, [.. new double[forest.Outputs]], OutputLink.Identity,
            forest.Outputs == 1 ? [] : forest.Means, 1.0 / forest.Trees.Length);
    }

    /// <summary>About how many steps the explanation of a row takes: Σ over leaves of their depth squared.</summary>
    public double RowWork()
    {
        var work = 0.0;
        foreach (var tree in Trees)
        {
            var depth = new int[tree.NodeCount];
            for (var node = 0; node < depth.Length; node++)
            {
                if (tree.IsLeaf(node)) work += (double)depth[node] * depth[node];
                else depth[tree.Left[node]] = depth[tree.Right[node]] = depth[node] + 1;
            }
        }

        return work;
    }

    /// <summary>The scores of rows by walking every tree: what contributions must add up to.</summary>
    /// <param name="columns">One array per feature, one float32 per row, as <see cref="TreePreprocessing.Encode"/>
    /// makes them.</param>
    /// <param name="rows">The number of rows.</param>
    /// <returns>Row-major, rows × outputs.</returns>
    public double[] Scores(float[][] columns, int rows)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var scores = new double[rows * Start.Length];
        var row = new float[columns.Length];
        for (var i = 0; i < rows; i++)
        {
            for (var f = 0; f < row.Length; f++) row[f] = columns[f][i];
            var own = scores.AsSpan(i * Start.Length, Start.Length);
            Start.AsSpan().CopyTo(own);
            for (var t = 0; t < Trees.Length; t++) AddLeaf(t, Trees[t].LeafOf(row), 1, own);
        }

        return scores;
    }

    /// <summary>One per output: the mean score of the training rows, by the rows at every node.</summary>
    public ImmutableArray<double> BaseValues()
    {
        var sums = Start.ToArray();
        for (var t = 0; t < Trees.Length; t++)
        {
            var tree = Trees[t];
            var shares = new double[tree.NodeCount];
            shares[0] = 1;
            for (var node = 0; node < shares.Length; node++) // children stand behind their parents
            {
                if (tree.IsLeaf(node)) AddLeaf(t, node, shares[node], sums);
                else
                {
                    shares[tree.Left[node]] = shares[node] * ShareOf(tree, node, tree.Left[node]);
                    shares[tree.Right[node]] = shares[node] * ShareOf(tree, node, tree.Right[node]);
                }
            }
        }

        return [.. sums];
    }

    /// <summary>The share of a node's training rows that go on to a child.</summary>
    internal static double ShareOf(Tree tree, int node, int child) =>
        tree.Cover[node] > 0 ? (double)tree.Cover[child] / tree.Cover[node] : 0.5;

    /// <summary>The ways to all leaves of a tree that split somewhere.</summary>
    internal IEnumerable<Explanation.LeafPath> PathsOf(int tree) => Means.IsEmpty
        ? Explanation.LeafPath.Of(
            Trees[tree], leaf => Trees[tree].Value[leaf] * Scale, _ => [new Explanation.LeafShare(Trees[tree].Output, 1)])
        : Explanation.LeafPath.Of(Trees[tree], _ => Scale, leaf => Shares(tree, leaf));

    private void AddLeaf(int tree, int leaf, double share, Span<double> sums)
    {
        if (Means.IsEmpty)
        {
            sums[Trees[tree].Output] += share * Trees[tree].Value[leaf] * Scale;
            return;
        }

        var means = Means[tree];
        for (var i = means.First[leaf]; i < means.First[leaf + 1]; i++)
            sums[means.Output[i]] += share * means.Value[i] * Scale;
    }

    private Explanation.LeafShare[] Shares(int tree, int leaf)
    {
        var means = Means[tree];
        var shares = new Explanation.LeafShare[means.First[leaf + 1] - means.First[leaf]];
        for (var i = 0; i < shares.Length; i++)
            shares[i] = new Explanation.LeafShare(means.Output[means.First[leaf] + i], means.Value[means.First[leaf] + i]);
        return shares;
    }
}
