using Gyre.Models.Graph;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>Writes trees whose nodes all ask "at most" as one TreeEnsembleRegressor in float32.</summary>
internal static class FloatEnsemble
{
    /// <summary>The node, from a float32 matrix to float32 sums [N, targets].</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="matrix">The numbers that nodes look at.</param>
    /// <param name="trees">The trees; NaN goes right everywhere.</param>
    /// <param name="columnOf">The column that a tree's node looks at.</param>
    /// <param name="targetOf">Which sum a tree adds to; all to the only one when null.</param>
    /// <param name="targets">The number of sums.</param>
    public static string Write(
        GraphBuilder graph, string matrix, IReadOnlyList<Tree> trees, Func<Tree, int, int> columnOf,
        Func<Tree, int>? targetOf = null, int targets = 1)
    {
        List<long> treeIds = [], nodeIds = [], columns = [], left = [], right = [];
        List<long> leafTrees = [], leafNodes = [], leafTargets = [];
        List<string> modes = [];
        List<float> thresholds = [], weights = [];
        for (var id = 0; id < trees.Count; id++)
        {
            var tree = trees[id];
            for (var node = 0; node < tree.NodeCount; node++)
            {
                var isLeaf = tree.IsLeaf(node);
                treeIds.Add(id);
                nodeIds.Add(node);
                modes.Add(isLeaf ? "LEAF" : "BRANCH_LEQ");
                columns.Add(isLeaf ? 0 : columnOf(tree, node));
                thresholds.Add(tree.Threshold[node]);
                left.Add(tree.Left[node]);
                right.Add(tree.Right[node]);
                if (!isLeaf) continue;
                leafTrees.Add(id);
                leafNodes.Add(node);
                leafTargets.Add(targetOf?.Invoke(tree) ?? 0);
                weights.Add(tree.Value[node]);
            }
        }

        return graph.MlNode("TreeEnsembleRegressor", [matrix],
            NodeAttribute.Of("aggregate_function", "SUM"),
            NodeAttribute.Of("n_targets", (long)targets),
            NodeAttribute.Of("nodes_falsenodeids", right),
            NodeAttribute.Of("nodes_featureids", columns),
            NodeAttribute.Of("nodes_modes", modes),
            NodeAttribute.Of("nodes_nodeids", nodeIds),
            NodeAttribute.Of("nodes_treeids", treeIds),
            NodeAttribute.Of("nodes_truenodeids", left),
            NodeAttribute.Of("nodes_values", thresholds),
            NodeAttribute.Of("post_transform", "NONE"),
            NodeAttribute.Of("target_ids", leafTargets),
            NodeAttribute.Of("target_nodeids", leafNodes),
            NodeAttribute.Of("target_treeids", leafTrees),
            NodeAttribute.Of("target_weights", weights));
    }
}
