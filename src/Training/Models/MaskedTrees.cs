using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Trees of few leaves as <see cref="LeafMasks"/> wants them: 1. a row's values become bins, 2. each bin has a mask per tree,
/// 3. the masks of a row's bins leave one leaf. Sums are the same to the last bit as those of <see cref="FlatTrees"/>.
/// Immutable, thread-safe.
/// </summary>
internal sealed class MaskedTrees
{
    /// <summary>The rows whose bins are held at a time.</summary>
    private const int BlockRows = 256;

    /// <summary>A row costs a mask per feature and tree: beyond so many, walking the trees is cheaper.</summary>
    private const int MostFeatures = 96;

    private const long MostMaskBytes = 64 << 20;

    private readonly ActiveFeature[] _features;
    private readonly ulong[][] _masks; // per group of trees: bins × trees of a group
    private readonly float[][] _values;
    private readonly int[][] _outputs;

    private MaskedTrees(ImmutableArray<Tree> trees, ActiveFeature[] features, int bins)
    {
        _features = features;
        var groups = trees.Chunk(LeafMasks.GroupTrees).ToArray();
        _masks = [.. groups.Select(group => Masks(group, bins))];
        _values = [.. groups.Select(Values)];
        _outputs = [.. groups.Select(group => group.Select(tree => tree.Output).ToArray())];
    }

    /// <summary>The form of some trees, or null where it does not pay.</summary>
    public static MaskedTrees? Of(ImmutableArray<Tree> trees)
    {
        if (!trees.All(LeafOrder.Fits)) return null;
        var bins = SplitBins.Of(trees, trees.SelectMany(t => t.Feature).DefaultIfEmpty(Tree.Leaf).Max() + 1);
        var used = trees.SelectMany(t => t.Feature).Where(f => f != Tree.Leaf).Distinct().Order().ToArray();
        if (used.Length > MostFeatures || used.Any(f => bins[f] is null)) return null;
        var features = new ActiveFeature[used.Length];
        var next = 0;
        for (var i = 0; i < used.Length; i++)
        {
            features[i] = new ActiveFeature(used[i], bins[used[i]]!, next * LeafMasks.GroupTrees); // asked above
            next += features[i].Bins.Count;
        }

        var groups = (trees.Length + LeafMasks.GroupTrees - 1) / LeafMasks.GroupTrees;
        var bytes = (long)groups * next * LeafMasks.GroupTrees * sizeof(ulong);
        return bytes > MostMaskBytes ? null : new MaskedTrees(trees, features, next);
    }

    /// <summary>Adds the leaf values of all trees to the scores of a table's rows.</summary>
    /// <param name="preprocessing">The features that the trees name.</param>
    /// <param name="table">The rows.</param>
    /// <param name="scores">Row-major, rows × outputs. Each row's sum is taken in the order of the trees.</param>
    /// <param name="outputs">The number of outputs.</param>
    /// <param name="threads">The most threads to use; the sums do not depend on it.</param>
    /// <exception cref="Gyre.Primitives.GyreException">A column is absent or of another kind.</exception>
    public void Add(TreePreprocessing preprocessing, Table table, double[] scores, int outputs, int threads)
    {
        var readers = FeatureReader.All(table, preprocessing);
        RowBlocks.Run(table.RowCount, BlockRows, threads, () =>
        {
            var (values, bins) = (new float[BlockRows], new int[BlockRows * _features.Length]);
            return (start, count) =>
            {
                foreach (var (i, feature) in _features.Index())
                {
                    readers[feature.Feature].Read(start, values.AsSpan(0, count));
                    for (var row = 0; row < count; row++)
                    {
                        bins[(row * _features.Length) + i] =
                            feature.Start + (feature.Bins.BinOf(values[row]) * LeafMasks.GroupTrees);
                    }
                }

                var sums = scores.AsSpan(start * outputs, count * outputs);
                for (var g = 0; g < _masks.Length; g++)
                    LeafMasks.Add(_masks[g], bins, _features.Length, _values[g], _outputs[g], sums, outputs, count);
            };
        });
    }

    private ulong[] Masks(Tree[] group, int bins)
    {
        var masks = new ulong[bins * LeafMasks.GroupTrees];
        var own = new ulong[bins];
        foreach (var (t, tree) in group.Index())
        {
            var order = new LeafOrder(tree);
            foreach (var feature in _features)
            {
                order.Mask(feature.Feature, feature.Bins, own);
                for (var bin = 0; bin < feature.Bins.Count; bin++)
                    masks[feature.Start + (bin * LeafMasks.GroupTrees) + t] = own[bin];
            }
        }

        return masks;
    }

    private static float[] Values(Tree[] group)
    {
        var values = new float[group.Length * LeafMasks.MostLeaves];
        foreach (var (t, tree) in group.Index())
        {
            foreach (var (i, leaf) in new LeafOrder(tree).Leaves.Index())
                values[(t * LeafMasks.MostLeaves) + i] = tree.Value[leaf];
        }

        return values;
    }

    /// <summary>A feature that trees look at, and where the masks of its first bin begin in a group.</summary>
    private readonly record struct ActiveFeature(int Feature, SplitBins Bins, int Start);
}
