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
    public static string Write(
        GraphBuilder graph, string matrix, BoostedTreesModel model, ImmutableArray<TreeEnsembleFeature> features)
    {
        var ensemble = new TreeEnsemble(features);
        for (var i = 0; i < model.Trees.Length; i++) ensemble.Add(i, model.Trees[i]);
        double[] weights = [.. ensemble._leafWeights], thresholds = [.. ensemble._thresholds];
        double[] bases = [.. model.BaseScores.Select(s => (double)s)];
        return graph.MlNode("TreeEnsembleRegressor", [matrix],
            NodeAttribute.Of("aggregate_function", "SUM"),
            NodeAttribute.Of("base_values_as_tensor", Constants.Of(bases, bases.Length)),
            NodeAttribute.Of("n_targets", (long)bases.Length),
            NodeAttribute.Of("nodes_falsenodeids", ensemble._falseIds),
            NodeAttribute.Of("nodes_featureids", ensemble._featureIds),
            NodeAttribute.Of("nodes_missing_value_tracks_true", ensemble._missingTrue),
            NodeAttribute.Of("nodes_modes", ensemble._modes),
            NodeAttribute.Of("nodes_nodeids", ensemble._nodeIds),
            NodeAttribute.Of("nodes_treeids", ensemble._treeIds),
            NodeAttribute.Of("nodes_truenodeids", ensemble._trueIds),
            NodeAttribute.Of("nodes_values_as_tensor", Constants.Of(thresholds, thresholds.Length)),
            NodeAttribute.Of("post_transform", "NONE"),
            NodeAttribute.Of("target_ids", ensemble._leafTargets),
            NodeAttribute.Of("target_nodeids", ensemble._leafNodes),
            NodeAttribute.Of("target_treeids", ensemble._leafTrees),
            NodeAttribute.Of("target_weights_as_tensor", Constants.Of(weights, weights.Length)));
    }

    /// <summary>Nodes keep their positions; the further links of a category chain stand behind them.</summary>
    private void Add(int id, Tree tree)
    {
        var next = tree.NodeCount;
        for (var node = 0; node < tree.NodeCount; node++)
        {
            if (tree.IsLeaf(node)) AddLeaf(id, tree, node);
            else if (tree.CategorySet[node] < 0) AddThreshold(id, tree, node);
            else next = AddCategories(id, tree, node, next);
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
    private int AddCategories(int id, Tree tree, int node, int next)
    {
        var feature = features[tree.Feature[node]];
        var links = feature.Links(tree.CategorySets[tree.CategorySet[node]], tree.DefaultLeft[node]);
        if (links.Length == 0) links = [(feature.Positions[0], TreeEnsembleFeature.NeverCode)];
        var at = node;
        for (var i = 0; i < links.Length; i++)
        {
            var otherwise = i == links.Length - 1 ? tree.Right[node] : next++;
            Add(id, at, links[i].Position, "BRANCH_EQ", links[i].Code, tree.Left[node], otherwise, false);
            at = otherwise;
        }

        return next;
    }

    private void AddLeaf(int id, Tree tree, int node)
    {
        Add(id, node, 0, "LEAF", 0, 0, 0, false);
        _leafTrees.Add(id);
        _leafNodes.Add(node);
        _leafTargets.Add(tree.Output);
        _leafWeights.Add(tree.Value[node]);
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
