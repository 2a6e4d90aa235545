using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>The trees of a model in one array of small nodes, laid out for prediction.</summary>
internal sealed class FlatTrees
{
    /// <summary>Rows predicted at a time: their features stay in the nearest cache while the trees pass over
    /// them.</summary>
    public const int BlockRows = 256;

    private readonly Node[] _nodes;
    private readonly int[] _roots;
    private readonly int[] _outputs;
    private readonly ulong[] _sets;

    public FlatTrees(ImmutableArray<Tree> trees)
    {
        _nodes = new Node[trees.Sum(t => t.NodeCount)];
        _roots = new int[trees.Length];
        _outputs = [.. trees.Select(t => t.Output)];
        var sets = new List<ulong>();
        var next = 0;
        for (var t = 0; t < trees.Length; t++)
        {
            _roots[t] = next;
            for (var i = 0; i < trees[t].NodeCount; i++) _nodes[next + i] = Convert(trees[t], i, next, sets);
            next += trees[t].NodeCount;
        }

        _sets = [.. sets];
    }

    /// <summary>Adds the trees' leaf values to the scores.</summary>
    /// <param name="rows">Row-major, count × features.</param>
    /// <param name="features">The number of features.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="scores">Row-major, count × outputs.</param>
    /// <param name="outputs">The number of outputs.</param>
    public void Add(ReadOnlySpan<float> rows, int features, int count, Span<double> scores, int outputs)
    {
        for (var t = 0; t < _roots.Length; t++)
        {
            var output = _outputs[t];
            for (var i = 0; i < count; i++)
                scores[(i * outputs) + output] += LeafValue(_roots[t], rows.Slice(i * features, features));
        }
    }

    private float LeafValue(int at, ReadOnlySpan<float> row)
    {
        while (true)
        {
            ref readonly var node = ref _nodes[at];
            if (node.Feature < 0) return node.Value;
            var x = row[node.Feature];
            bool left;
            if (float.IsNaN(x)) left = node.DefaultLeft;
            else if (node.Set < 0) left = x <= node.Value;
            else left = (_sets[node.Set + ((int)x >> 6)] >> ((int)x & 63) & 1) != 0;
            at = left ? node.Left : node.Right;
        }
    }

    // A category set takes four words, so codes 0 to 255 need no check of range.
    private static Node Convert(Tree tree, int i, int offset, List<ulong> sets)
    {
        var set = -1;
        if (tree.CategorySet[i] >= 0)
        {
            set = sets.Count;
            var words = new ulong[4];
            foreach (var code in tree.CategorySets[tree.CategorySet[i]]) words[code >> 6] |= 1UL << (code & 63);
            sets.AddRange(words);
        }

        return new Node(
            tree.Feature[i],
            tree.IsLeaf(i) ? tree.Value[i] : tree.Threshold[i],
            offset + tree.Left[i],
            offset + tree.Right[i],
            set,
            tree.DefaultLeft[i]);
    }

    /// <summary>A node; the value is the threshold of an inner node and the leaf value of a leaf.</summary>
    private readonly record struct Node(int Feature, float Value, int Left, int Right, int Set, bool DefaultLeft);
}
