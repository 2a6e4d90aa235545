using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Gyre.Training.Boosting;

/// <summary>A tree over bins, as it grows.</summary>
internal sealed class GrownTree
{
    private readonly List<Node> _nodes = [new Node()];

    public int NodeCount => _nodes.Count;

    public bool IsLeaf(int node) => _nodes[node].Left == 0;

    public void SetValue(int node, float value) => CollectionsMarshal.AsSpan(_nodes)[node].Value = value;

    public void SetCover(int node, int rows) => CollectionsMarshal.AsSpan(_nodes)[node].Cover = rows;

    public float Value(int node) => _nodes[node].Value;

    public float Cover(int node) => _nodes[node].Cover;

    /// <summary>The feature that an inner node looks at.</summary>
    public int FeatureOf(int node) => _nodes[node].Split.Feature;

    public (int Left, int Right) Children(int node) => (_nodes[node].Left, _nodes[node].Left + 1);

    /// <summary>Gives a leaf two children, behind all nodes so far; returns the left one's position, the right one's
    /// is the next.</summary>
    public int Split(int node, in SplitCandidate split)
    {
        var left = _nodes.Count;
        _nodes[node] = new Node { Split = split, Left = left, Cover = _nodes[node].Cover };
        _nodes.Add(new Node());
        _nodes.Add(new Node());
        return left;
    }

    /// <summary>The value of the leaf that a row of bins ends in.</summary>
    public float Predict(ReadOnlySpan<byte> bins)
    {
        var nodes = CollectionsMarshal.AsSpan(_nodes);
        var at = 0;
        while (nodes[at].Left != 0)
        {
            ref readonly var node = ref nodes[at];
            at = node.Split.Left.Contains(bins[node.Split.Feature]) ? node.Left : node.Left + 1;
        }

        return nodes[at].Value;
    }

    /// <summary>The same tree over float32 values.</summary>
    public Tree ToTree(int output, FeatureBins[] features)
    {
        var sets = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
        var set = new int[_nodes.Count];
        for (var i = 0; i < set.Length; i++)
        {
            set[i] = -1;
            if (IsLeaf(i) || _nodes[i].Split.Bin >= 0) continue;
            set[i] = sets.Count;
            var split = _nodes[i].Split;
            sets.Add(
                [.. Enumerable.Range(0, features[split.Feature].ValueBins).Where(b => split.Left.Contains((byte)b))]);
        }

        return new Tree
        {
            Output = output,
            Feature = Select(n => n.Left == 0 ? Tree.Leaf : n.Split.Feature),
            Threshold = Select(n =>
                n.Left == 0 || n.Split.Bin < 0 ? 0 : features[n.Split.Feature].UpperEdge(n.Split.Bin)),
            Left = Select(n => n.Left),
            Right = Select(n => n.Left == 0 ? 0 : n.Left + 1),
            DefaultLeft = Select(n => n.Left != 0 && n.Split.MissingLeft),
            CategorySet = [.. set],
            CategorySets = sets.ToImmutable(),
            Value = Select(n => n.Value),
            Gain = Select(n => (float)n.Split.Gain),
            Cover = Select(n => n.Cover),
        };
    }

    private ImmutableArray<T> Select<T>(Func<Node, T> part) => [.. _nodes.Select(part)];

    private struct Node
    {
        public SplitCandidate Split;

        /// <summary>The left child's position, the right one's is the next; 0 for a leaf.</summary>
        public int Left;

        public float Value;

        /// <summary>The rows that the tree is grown from which pass the node.</summary>
        public float Cover;
    }
}
