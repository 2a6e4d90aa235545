using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Explanation;

/// <summary>The trees at the heart of a pipeline, and the rows as they see them.</summary>
/// <param name="Trees">The trees.</param>
/// <param name="Start">One per output: where sums over trees start.</param>
/// <param name="Link">What turns sums into predictions.</param>
/// <param name="Preprocessing">What makes the trees' features.</param>
/// <param name="Means">What leaves add when one leaf adds to several outputs, one per tree; empty when each adds its
/// value to its tree's output.</param>
/// <param name="Scale">What leaves are multiplied by.</param>
internal sealed record ExplainedTrees(
    ImmutableArray<Tree> Trees, ImmutableArray<double> Start, OutputLink Link, TreePreprocessing Preprocessing,
    ImmutableArray<LeafMeans> Means, double Scale)
{
    /// <summary>Those of a pipeline, without its calibration and behind its transforms; null when it has none.</summary>
    public static ExplainedTrees? Of(FittedPipeline pipeline) => pipeline switch
    {
        { Model: CalibratedModel calibrated } => Of(calibrated.Inner),
        { Model: TransformedModel transformed } => Of(transformed.Inner),
        { Model: BoostedTreesModel model, Preprocessing: TreePreprocessing preprocessing } => Of(model, preprocessing),
        { Model: ForestModel forest, Preprocessing: TreePreprocessing preprocessing } => new ExplainedTrees(
            forest.Trees, [.. new double[forest.Outputs]], OutputLink.Identity, preprocessing,
            forest.Outputs == 1 ? [] : forest.Means, 1.0 / forest.Trees.Length),
        _ => null,
    };

    public static ExplainedTrees Of(BoostedTreesModel model, TreePreprocessing preprocessing) => new(
        model.Trees, [.. model.BaseScores.Select(score => (double)score)], model.Link, preprocessing, [], 1);

    /// <summary>The rows with the columns that the pipeline's transforms add.</summary>
    public static Table Widen(FittedPipeline pipeline, Table rows) => pipeline.Model switch
    {
        CalibratedModel calibrated => Widen(calibrated.Inner, rows),
        TransformedModel transformed =>
            Widen(transformed.Inner, rows.With(transformed.Transforms.SelectMany(t => t.Apply(rows)))),
        _ => rows,
    };

    public static GyreException Refuse(FittedPipeline pipeline) => GyreException.Invalid(
        $"TreeSHAP explains models of trees; this one is a {pipeline.Model.GetType().Name}. "
        + "SamplingShap estimates contributions to any model's predictions.");

    /// <summary>The ways to all leaves of a tree that split somewhere.</summary>
    public IEnumerable<LeafPath> PathsOf(int tree) => Means.IsEmpty
        ? LeafPath.Of(Trees[tree], leaf => Trees[tree].Value[leaf] * Scale, _ => [new LeafShare(Trees[tree].Output, 1)])
        : LeafPath.Of(Trees[tree], _ => Scale, leaf => Shares(tree, leaf));

    /// <summary>Adds what a tree of a lone leaf says of every row.</summary>
    public void AddLoneLeaf(int tree, double[] sums)
    {
        if (!Trees[tree].IsLeaf(0)) return;
        if (Means.IsEmpty) sums[Trees[tree].Output] += Trees[tree].Value[0] * Scale;
        else foreach (var share in Shares(tree, 0)) sums[share.Output] += share.Factor * Scale;
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

    private LeafShare[] Shares(int tree, int leaf)
    {
        var means = Means[tree];
        var shares = new LeafShare[means.First[leaf + 1] - means.First[leaf]];
        for (var i = 0; i < shares.Length; i++)
            shares[i] = new LeafShare(means.Output[means.First[leaf] + i], means.Value[means.First[leaf] + i]);
        return shares;
    }
}
