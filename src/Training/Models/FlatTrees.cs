using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>The trees of a model laid out for prediction. Immutable, thread-safe.</summary>
internal sealed class FlatTrees
{
    /// <summary>The most rows that trees pass over at a time, and how many bytes their keys may take: they are to stay in the
    /// nearest cache, yet be enough that a tree is fetched seldom.</summary>
    private const int MostBlockRows = 512, MostKeyBytes = 24 << 10;

    private readonly TreeNode[] _nodes;
    private readonly float[] _values;
    private readonly byte[] _tables;
    private readonly FlatTree[] _trees;

    // Per feature with categories, one more than the largest code in any set: codes behind it are in no set and share a key.
    private readonly int[] _codes;

    public FlatTrees(ImmutableArray<Tree> trees)
    {
        _nodes = new TreeNode[trees.Sum(t => t.NodeCount)];
        _values = new float[_nodes.Length];
        _trees = new FlatTree[trees.Length];
        _codes = CountCodes(trees);
        var tables = new List<byte>(new byte[256]);
        var next = 0;
        for (var t = 0; t < trees.Length; t++)
        {
            _trees[t] = new FlatTree(next, trees[t].Output, trees[t].CategorySets.Length > 0);
            next = Lay(trees[t], next, tables);
        }

        _tables = [.. tables];
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
        var keyBytes = sizeof(uint) * TreeWalk.SlotsPerFeature * Math.Max(readers.Length, 1);
        var blockGroups = Math.Clamp(MostKeyBytes / keyBytes, 1, MostBlockRows / TreeWalk.GroupRows);
        var blockRows = blockGroups * TreeWalk.GroupRows;
        RowBlocks.Run(table.RowCount, blockRows, threads, () =>
        {
            var keys = new uint[blockGroups * TreeWalk.SlotsPerFeature * readers.Length];
            return (start, count) =>
            {
                FillKeys(readers, start, count, keys);
                AddBlock(keys, readers.Length, count, scores.AsSpan(start * outputs, count * outputs), outputs);
            };
        });
    }

    private void AddBlock(uint[] keys, int features, int count, Span<double> scores, int outputs)
    {
        foreach (var tree in _trees)
        {
            TreeWalk.Add(
                _nodes, _tables, _values, tree.Root, tree.UsesTables, keys, features, scores[tree.Output..], outputs, count);
        }
    }

    private void FillKeys(FeatureReader[] readers, int start, int count, uint[] keys)
    {
        Span<float> values = stackalloc float[MostBlockRows];
        values = values[..count];
        var group = readers.Length * TreeWalk.SlotsPerFeature;
        for (var f = 0; f < readers.Length; f++)
        {
            readers[f].Read(start, values);
            var isCategorical = readers[f].IsCategorical;
            for (var i = 0; i < count; i++)
            {
                var slots = keys.AsSpan(
                    (i / TreeWalk.GroupRows * group) + (f * TreeWalk.SlotsPerFeature) + (i % TreeWalk.GroupRows));
                if (isCategorical) slots[0] = KeyOfCode(f, values[i]);
                else TreeWalk.WriteKeys(values[i], slots);
            }
        }
    }

    private uint KeyOfCode(int feature, float code)
    {
        if (feature >= _codes.Length) return 0; // no tree looks at it
        return float.IsNaN(code) ? 0 : (uint)Math.Min((int)code, _codes[feature]) + 1;
    }

    private static int[] CountCodes(ImmutableArray<Tree> trees)
    {
        var codes = new List<int>();
        foreach (var tree in trees)
        {
            for (var node = 0; node < tree.NodeCount; node++)
            {
                if (tree.IsLeaf(node)) continue;
                while (codes.Count <= tree.Feature[node]) codes.Add(0);
                if (tree.CategorySet[node] < 0) continue;
                foreach (var code in tree.CategorySets[tree.CategorySet[node]])
                    codes[tree.Feature[node]] = Math.Max(codes[tree.Feature[node]], code + 1);
            }
        }

        return [.. codes];
    }

    // Breadth first, so that children stand side by side and a tree's upper levels share cache lines.
    private int Lay(Tree tree, int root, List<byte> tables)
    {
        var order = new List<int>(tree.NodeCount) { 0 };
        for (var i = 0; i < order.Count; i++)
        {
            var (node, at) = (order[i], root + i);
            if (tree.IsLeaf(node))
            {
                (_nodes[at], _values[at]) = (TreeNode.Leaf(at), tree.Value[node]);
                continue;
            }

            _nodes[at] = Split(tree, node, root + order.Count, tables);
            order.Add(tree.Left[node]);
            order.Add(tree.Right[node]);
        }

        return root + order.Count;
    }

    private TreeNode Split(Tree tree, int node, int left, List<byte> tables)
    {
        var slots = tree.Feature[node] * TreeWalk.SlotsPerFeature;
        if (tree.CategorySet[node] < 0)
        {
            var second = tree.DefaultLeft[node];
            return new TreeNode
            {
                Threshold = TreeWalk.KeyOf(tree.Threshold[node]) + (second ? 1u : 0),
                Left = left << TreeNode.SizeBits,
                Keys = sizeof(uint) * (second ? slots + TreeWalk.GroupRows : slots),
                Table = 0,
            };
        }

        var table = new byte[_codes[tree.Feature[node]] + 2];
        Array.Fill(table, (byte)1);
        foreach (var code in tree.CategorySets[tree.CategorySet[node]]) table[KeyOfCode(tree.Feature[node], code)] = 0;
        if (tree.DefaultLeft[node]) table[KeyOfCode(tree.Feature[node], float.NaN)] = 0;
        tables.AddRange(table);
        return new TreeNode
        {
            Threshold = uint.MaxValue,
            Left = left << TreeNode.SizeBits,
            Keys = sizeof(uint) * slots,
            Table = tables.Count - table.Length,
        };
    }

    private readonly record struct FlatTree(int Root, int Output, bool UsesTables);
}
