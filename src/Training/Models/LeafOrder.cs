using System.Collections.Immutable;
using Gyre.Numerics;

namespace Gyre.Training;

/// <summary>
/// A tree's leaves from left to right, and what a feature leaves of them: leaf i is bit i. A row that goes right at a node
/// does not end in the leaves of the left child, so the row's leaf is the lowest bit that the nodes' masks have in common.
/// </summary>
public sealed class LeafOrder
{
    private readonly Tree _tree;

    // Per inner node, all leaves but those of its left child.
    private readonly ulong[] _right;

    /// <summary>Orders the leaves.</summary>
    /// <param name="tree">A tree of at most 64 leaves.</param>
    /// <exception cref="ArgumentException">It has more.</exception>
    public LeafOrder(Tree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _tree = tree;
        _right = new ulong[tree.NodeCount];
        var leaves = ImmutableArray.CreateBuilder<int>();
        Visit(0);
        Leaves = leaves.ToImmutable();

        ulong Visit(int node)
        {
            if (!tree.IsLeaf(node))
            {
                var left = Visit(tree.Left[node]);
                _right[node] = ~left;
                return left | Visit(tree.Right[node]);
            }

            if (leaves.Count == MostLeaves) throw new ArgumentException("A tree of more than 64 leaves.", nameof(tree));
            leaves.Add(node);
            return 1ul << (leaves.Count - 1);
        }
    }

    /// <summary>Leaves a tree may have.</summary>
    public const int MostLeaves = LeafMasks.MostLeaves;

    /// <summary>The leaves' positions in the tree, from left to right.</summary>
    public ImmutableArray<int> Leaves { get; }

    /// <summary>Whether a tree has few enough leaves.</summary>
    public static bool Fits(Tree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return (tree.NodeCount + 1) / 2 <= MostLeaves; // every inner node has two children
    }

    /// <summary>The leaves that are left when a feature's value is in a bin.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="bins">Its bins.</param>
    /// <param name="masks">One per bin; every bit is set where the tree does not look at the feature.</param>
    public void Mask(int feature, SplitBins bins, Span<ulong> masks)
    {
        ArgumentNullException.ThrowIfNull(bins);
        masks[..bins.Count].Fill(ulong.MaxValue);
        for (var node = 0; node < _tree.NodeCount; node++)
        {
            if (_tree.Feature[node] != feature) continue;
            for (var bin = 0; bin < bins.Count; bin++)
            {
                if (!bins.GoesLeft(_tree, node, bin)) masks[bin] &= _right[node];
            }
        }
    }
}
