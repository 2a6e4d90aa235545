using System.Collections.Immutable;
using Gyre.Models.Graph;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>
/// Collects the nodes of trees as the attributes of one TreeEnsembleRegressor. Thresholds and leaves are float64, so
/// that
/// the engine compares exactly and sums as the trainer does.
/// </summary>
/// <param name="features">Where each feature of the trees stands in the matrix.</param>
internal sealed class TreeEnsemble(ImmutableArray<TreeEnsembleFeature> features)
{
    private readonly List<long> _treeIds = [], _nodeIds = [], _featureIds = [];
    private readonly List<long> _trueIds = [], _falseIds = [], _missingTrue = [];
    private readonly List<string> _modes = [];
    private readonly List<double> _thresholds = [];
    private readonly List<long> _leafTrees = [], _leafNodes = [], _leafTargets = [];
    private readonly List<double> _leafWeights = [];

    /// <summary>The node, from a float64 matrix to float32 scores [N, outputs].</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="matrix">The features, [N, features] float64.</param>
    /// <param name="aggregate">SUM or AVERAGE: what the trees' leaves are joined by.</param>
    /// <param name="bases">Added to each output.</param>
    public string Write(GraphBuilder graph, string matrix, string aggregate, double[] bases)
    {
        double[] weights = [.. _leafWeights], thresholds = [.. _thresholds];
        return graph.MlNode("TreeEnsembleRegressor", [matrix],
            NodeAttribute.Of("aggregate_function", aggregate),
            NodeAttribute.Of("base_values_as_tensor", Constants.Of(bases, bases.Length)),
            NodeAttribute.Of("n_targets", (long)bases.Length),
            NodeAttribute.Of("nodes_falsenodeids", _falseIds),
            NodeAttribute.Of("nodes_featureids", _featureIds),
            NodeAttribute.Of("nodes_missing_value_tracks_true", _missingTrue),
            NodeAttribute.Of("nodes_modes", _modes),
            NodeAttribute.Of("nodes_nodeids", _nodeIds),
            NodeAttribute.Of("nodes_treeids", _treeIds),
            NodeAttribute.Of("nodes_truenodeids", _trueIds),
            NodeAttribute.Of("nodes_values_as_tensor", Constants.Of(thresholds, thresholds.Length)),
            NodeAttribute.Of("post_transform", "NONE"),
            NodeAttribute.Of("target_ids", _leafTargets),
            NodeAttribute.Of("target_nodeids", _leafNodes),
            NodeAttribute.Of("target_treeids", _leafTrees),
            NodeAttribute.Of("target_weights_as_tensor", Constants.Of(weights, weights.Length)));
    }

    /// <summary>Adds a tree.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="tree">The tree.</param>
    /// <param name="means">What its leaves say when it is not one value each.</param>
    public void Add(int id, Tree tree, LeafMeans? means = null)
    {
        // Nodes keep their positions; the further links of a category chain stand behind them.
        var next = tree.NodeCount;
        for (var node = 0; node < tree.NodeCount; node++)
        {
            if (tree.IsLeaf(node)) AddLeaf(id, tree, node, means);
            else if (tree.CategorySet[node] < 0) AddThreshold(id, tree, node);
            else next = AddCategories(id, tree, node, next, apart: means is not null);
        }
    }

    private void AddThreshold(int id, Tree tree, int node)
    {
        var feature = features[tree.Feature[node]].Positions[0];
        Add(id, node, feature, "BRANCH_LEQ", tree.Threshold[node], tree.Left[node], tree.Right[node],
            tree.DefaultLeft[node]);
    }

    /// <summary>
    /// A set of categories as a chain of equalities that share their true branch; the engine joins the links over one
    /// column into a single test of a bit mask.
    /// </summary>
    private int AddCategories(int id, Tree tree, int node, int next, bool apart)
    {
        var feature = features[tree.Feature[node]];
        var links = feature.Links(tree.CategorySets[tree.CategorySet[node]], tree.DefaultLeft[node]);
        if (links.Length == 0) links = [(feature.Positions[0], TreeEnsembleFeature.NeverCode)];
        var at = node;
        var end = tree.Right[node];
        apart &= !tree.IsLeaf(end) && tree.CategorySet[end] >= 0 && tree.Feature[end] == tree.Feature[node];
        if (apart) end = next++;
        for (var i = 0; i < links.Length; i++)
        {
            var otherwise = i == links.Length - 1 ? end : next++;
            Add(id, at, links[i].Position, "BRANCH_EQ", links[i].Code, tree.Left[node], otherwise, false);
            at = otherwise;
        }

        // The engine joins a chain with the next one when both lead to subtrees that look alike, and takes leaves of
        // equal weight for alike whatever their outputs are. A node that all rows pass keeps them apart. It stands behind
        // the chain, as a tree's first node is its root.
        if (apart) Add(id, end, 0, "BRANCH_LEQ", double.PositiveInfinity, tree.Right[node], tree.Right[node], true);
        return next;
    }

    private void AddLeaf(int id, Tree tree, int node, LeafMeans? means)
    {
        Add(id, node, 0, "LEAF", 0, 0, 0, false);
        if (means is null) AddWeight(id, node, tree.Output, tree.Value[node]);
        else
        {
            for (var i = means.First[node]; i < means.First[node + 1]; i++)
                AddWeight(id, node, means.Output[i], means.Value[i]);
        }
    }

    private void AddWeight(int tree, int node, int target, float weight)
    {
        _leafTrees.Add(tree);
        _leafNodes.Add(node);
        _leafTargets.Add(target);
        _leafWeights.Add(weight);
    }

    private void Add(
        int tree, int node, int feature, string mode, double threshold, int then, int otherwise, bool missingTrue)
    {
        _treeIds.Add(tree);
        _nodeIds.Add(node);
        _featureIds.Add(feature);
        _modes.Add(mode);
        _thresholds.Add(threshold);
        _trueIds.Add(then);
        _falseIds.Add(otherwise);
        _missingTrue.Add(missingTrue ? 1 : 0);
    }
}
