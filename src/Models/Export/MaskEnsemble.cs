using System.Collections.Immutable;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Export;

/// <summary>
/// Boosted trees without walking them (QuickScorer: Lucchese et al., SIGIR 2015), for trees of at most 64 leaves:
/// 1. each feature's value becomes a bin, 2. a table gives the bins' mask of the leaves that are left, one int64 per tree,
/// 3. the row's leaf is the lowest bit that the masks of all features leave, 4. its number comes from that bit's logarithm,
/// 5. the leaves' values are summed in float64, as the trainer does. Every step is a plain loop over neighbouring numbers,
/// which the engine does faster than it walks trees, and a category costs what a number costs.
/// </summary>
internal static class MaskEnsemble
{
    /// <summary>A row costs a mask per table and tree: beyond so many tables the engine's walk is cheaper.</summary>
    private const int MostTables = 12;

    /// <summary>With fewer trees there is nothing to gain.</summary>
    private const int FewestTrees = 32;

    private const long MostTableBytes = 2 << 20;

    /// <summary>The most rows of a joint table, in the order in which they are tried: the larger, the fewer tables.</summary>
    private static readonly int[] MostJointRows = [1024, 256, 64, 0];

    /// <summary>The tables of a model that the form pays for, null for another.</summary>
    public static ImmutableArray<MaskTable>? TablesOf(TreePreprocessing preprocessing, BoostedTreesModel model)
    {
        if (model.Trees.Length < FewestTrees || !model.Trees.All(LeafOrder.Fits)) return null;
        var used = model.Trees.SelectMany(t => t.Feature).Where(f => f != Tree.Leaf).ToHashSet();
        if (used.Count == 0 || used.Any(f => preprocessing.Features[f].Vectorizer is not null)) return null;
        var bins = SplitBins.Of(model.Trees, preprocessing.Features.Length);
        if (used.Any(f => bins[f] is null)) return null;
        foreach (var mostRows in MostJointRows)
        {
            var tables = MaskTable.Of(bins, mostRows);
            var bytes = tables.Sum(table => (long)table.Rows) * model.Trees.Length * sizeof(long);
            if (tables.Length <= MostTables && bytes <= MostTableBytes) return tables;
        }

        return null;
    }

    /// <summary>Scores, [N, outputs] float64.</summary>
    public static string Scores(
        GraphMath math, RawColumns columns, TreePreprocessing preprocessing, BoostedTreesModel model,
        ImmutableArray<MaskTable> tables)
    {
        var graph = math.Graph;
        graph.RequireOpset(18); // BitwiseAnd
        var outputs = model.BaseScores.Length;
        var perOutput = Enumerable.Range(0, outputs).Max(k => model.Trees.Count(t => t.Output == k));

        // One output's trees after the other's, filled up with gaps, which are null.
        Tree?[] trees =
        [
            .. Enumerable.Range(0, outputs).SelectMany(k =>
                model.Trees.Where(t => t.Output == k).Cast<Tree?>().Concat(Enumerable.Repeat<Tree?>(null, perOutput))
                    .Take(perOutput)),
        ];
        LeafOrder?[] orders = [.. trees.Select(tree => tree is null ? null : new LeafOrder(tree))];
        var bins = FeatureBinner.Write(math, columns, preprocessing, tables.SelectMany(table => table.Features));
        var left = tables
            .Select(table => graph.Node("Gather",
                [graph.Constant(table.Masks(orders)), table.Features.Select(f => bins[f.Feature]).Aggregate(math.Add)]))
            .Aggregate((a, b) => graph.Node("BitwiseAnd", [a, b]));
        var values = Sum(graph, LeafValues(graph, left, trees, orders), outputs, perOutput);
        return math.Add(values, graph.Constant(Constants.Of([.. model.BaseScores.Select(s => (double)s)], 1, outputs)));
    }

    private static string LeafValues(GraphBuilder graph, string left, Tree?[] trees, LeafOrder?[] orders)
    {
        // The lowest bit is a power of two, which float32 holds exactly; bit 63 is a negative number.
        var lowest = graph.Node("BitwiseAnd", [left, graph.Node("Neg", [left])]);
        var power = graph.Node("Abs", [graph.Cast(lowest, Kind.Float)]);
        var scaled = graph.Node("Mul",
            [graph.Node("Log", [power]), graph.Constant(Constants.Of([(float)(1 / Math.Log(2))]))]);
        var number = graph.Cast(graph.Node("Add", [scaled, graph.Constant(Constants.Of([0.5f]))]), Kind.Int32);
        var table = new double[LeafOrder.MostLeaves * trees.Length];
        for (var t = 0; t < trees.Length; t++)
        {
            if (orders[t] is not { } order || trees[t] is not { } tree) continue;
            foreach (var (leaf, node) in order.Leaves.Index()) table[(leaf * trees.Length) + t] = tree.Value[node];
        }

        var values = graph.Constant(Constants.Of(table, LeafOrder.MostLeaves, 1, trees.Length));
        return graph.Node("GatherElements", [values, number], NodeAttribute.Of("axis", 0L));
    }

    private static string Sum(GraphBuilder graph, string values, int outputs, int perOutput)
    {
        if (outputs > 1)
            values = graph.Node("Reshape", [values, graph.Constant(Constants.Of([0L, outputs, perOutput], 3))]);
        return graph.Node("ReduceSum", [values, graph.Constant(Constants.Of([2L], 1))], NodeAttribute.Of("keepdims", 0L));
    }
}
