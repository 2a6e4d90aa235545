using Gyre.Numerics;
using Gyre.Training.Boosting;

namespace Gyre.Training.Forest;

/// <summary>Grows trees of a forest, depth first, until leaves are pure, small or cannot be told apart. Not thread-safe:
/// one per thread.</summary>
internal sealed class ForestGrower
{
    private readonly BinnedMatrix _matrix;
    private readonly ForestTarget _target;
    private readonly ForestSplitter _splitter;
    private readonly int _leastRows;
    private readonly int _maxDepth;
    private readonly byte[] _goesLeft = new byte[256];
    private readonly int[] _rows;
    private readonly int[] _right;
    private readonly double[] _sums;

    public ForestGrower(
        BinnedMatrix matrix, ForestTarget target, ForestKind kind, int leastRows, int perNode, int maxDepth)
    {
        (_matrix, _target, _leastRows, _maxDepth) = (matrix, target, leastRows, maxDepth);
        _splitter = new ForestSplitter(matrix, target, kind, leastRows, perNode);
        (_rows, _right) = (new int[matrix.Rows], new int[matrix.Rows]);
        _sums = new double[target.Stride];
    }

    /// <summary>Grows a tree from the rows whose weight is above 0.</summary>
    /// <param name="weights">One per row.</param>
    /// <param name="random">The tree's own.</param>
    /// <param name="token">Stops between nodes.</param>
    public (GrownTree Tree, LeafMeans Means) Grow(
        ReadOnlySpan<float> weights, SeededRandom random, CancellationToken token)
    {
        _splitter.Reset();
        var count = 0;
        for (var row = 0; row < weights.Length; row++)
        {
            if (weights[row] > 0) _rows[count++] = row;
        }

        var tree = new GrownTree();
        var means = new LeafMeans.Builder(_target.Outputs);
        var open = new Stack<(int Node, int Start, int Count, int Depth)>();
        open.Push((0, 0, count, 0));
        while (open.TryPop(out var leaf))
        {
            token.ThrowIfCancellationRequested();
            var rows = _rows.AsSpan(leaf.Start, leaf.Count);
            tree.SetCover(leaf.Node, leaf.Count);
            Sum(rows, weights);
            var split = MaySplit(rows, leaf.Depth) ? _splitter.Find(rows, weights, _sums, random) : default;
            if (!split.Exists)
            {
                means.Add(leaf.Node, _sums, _target.Offset);
                tree.SetValue(leaf.Node, means.Single(leaf.Node));
                continue;
            }

            split.Left.Fill(_goesLeft);
            var left = RowPartition.Split(_matrix.Columns[split.Feature], _goesLeft, rows, _right);
            _right.AsSpan(0, leaf.Count - left).CopyTo(rows[left..]);
            var child = tree.Split(leaf.Node, split);
            open.Push((child + 1, leaf.Start + left, leaf.Count - left, leaf.Depth + 1));
            open.Push((child, leaf.Start, left, leaf.Depth + 1));
        }

        return (tree, means.Build(tree.NodeCount));
    }

    private bool MaySplit(ReadOnlySpan<int> rows, int depth) =>
        rows.Length >= 2 * _leastRows && (_maxDepth == 0 || depth < _maxDepth) && !_target.IsPure(rows);

    private void Sum(ReadOnlySpan<int> rows, ReadOnlySpan<float> weights)
    {
        Array.Clear(_sums);
        foreach (var row in rows) _target.Add(_sums, row, weights[row]);
    }
}
