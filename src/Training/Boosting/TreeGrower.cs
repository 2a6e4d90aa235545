using Gyre.Numerics;

namespace Gyre.Training.Boosting;

/// <summary>
/// Grows one tree at a time, best leaf first.
/// 1. The root's histogram is summed over all rows, and its best split found.
/// 2. The leaf whose split gains most is split: its rows are parted in place, keeping their order.
/// 3. The smaller child's histogram is summed over its rows; the larger one's is the parent's less the smaller one's.
/// 4. Both children's best splits are found; on from 2 until leaves run out or no split gains.
/// Not thread-safe; works on its workers' threads inside.
/// </summary>
internal sealed class TreeGrower
{
    private const int LeastRowsToPartInParallel = 50_000;

    private readonly BinnedMatrix _matrix;
    private readonly BoostingOptions _options;
    private readonly GrowthRules _rules;
    private readonly Workers _workers;
    private readonly HistogramBuilder _histograms;
    private readonly SplitFinder _finder;
    private readonly Stack<double[]> _spare = new();
    private readonly PriorityQueue<Leaf, (double NegativeGain, int Node)> _splittable = new();
    private readonly List<Leaf> _leaves = [];
    private readonly byte[] _goesLeft = new byte[256];
    // A gradient pair of ones per row, or of zeros where the row weighs nothing: summed as gradients are, they count
    // rows. Empty when nothing asks for it.
    private readonly float[] _ones;
    private int[] _rows = [];
    private int[] _right = [];

    public TreeGrower(BinnedMatrix matrix, GrowthRules rules, Workers workers)
    {
        (_matrix, _rules, _options, _workers) = (matrix, rules, rules.Options, workers);
        _histograms = new HistogramBuilder(matrix, workers);
        _finder = new SplitFinder(matrix, rules);
        _ones = rules.CountsRows ? new float[2 * matrix.Rows] : [];
        for (var i = 0; i < _ones.Length; i++) _ones[i] = rules.Weights is { } weights && weights[i / 2] == 0 ? 0 : 1;
    }

    /// <summary>Grows a tree.</summary>
    /// <param name="rows">The rows to learn from, ascending; null for all of the matrix.</param>
    /// <param name="gradients">Pairs, one per row of the matrix.</param>
    /// <param name="features">Draws the features that a node may use; null for all.</param>
    /// <param name="token">Stops between splits.</param>
    public GrownTree Grow(int[]? rows, float[] gradients, FeatureSampler? features, CancellationToken token)
    {
        Start(rows);
        var tree = new GrownTree();
        var root = new Leaf
        {
            Count = rows?.Length ?? _matrix.Rows,
            Histogram = Rent(),
            Lower = -_rules.LargestStep,
            Upper = _rules.LargestStep,
        };
        var clock = PhaseClock.Start();
        _histograms.Build(_rows.AsMemory(0, root.Count), rows is null, gradients, root.Histogram);
        Count(root, rows is null);
        PhaseClock.Stop(clock, PhaseClock.Histograms);
        (root.Gradient, root.Hessian) = Sums(root.Histogram);
        _leaves.Add(root);
        tree.SetCover(root.Node, root.Count);
        FindSplit(root, features);
        var leaves = 1;
        while (leaves < _options.MaxLeaves && _splittable.TryDequeue(out var leaf, out _))
        {
            token.ThrowIfCancellationRequested();
            leaves++;
            Split(tree, leaf, gradients, features, isLast: leaves == _options.MaxLeaves);
        }

        foreach (var leaf in _leaves) tree.SetValue(leaf.Node, LeafValue(leaf));
        return tree;
    }

    /// <summary>Adds the last tree's leaf values to the scores of the rows it was grown from.</summary>
    public void AddToScores(GrownTree tree, double[] scores)
    {
        _workers.Run(_leaves.Count, i =>
        {
            double value = tree.Value(_leaves[i].Node);
            foreach (var row in _rows.AsSpan(_leaves[i].Start, _leaves[i].Count)) scores[row] += value;
        });
    }

    /// <summary>The number of leaves of the last tree.</summary>
    public int LeafCount => _leaves.Count;

    /// <summary>A leaf of the last tree: its node, and the rows that end in it.</summary>
    public (int Node, ReadOnlyMemory<int> Rows) LeafAt(int i) =>
        (_leaves[i].Node, _rows.AsMemory(_leaves[i].Start, _leaves[i].Count));

    private void Start(int[]? rows)
    {
        foreach (var leaf in _leaves) Return(leaf);
        _leaves.Clear();
        _splittable.Clear();
        if (_rows.Length == 0) (_rows, _right) = (new int[_matrix.Rows], new int[_matrix.Rows]);
        if (rows is not null)
        {
            rows.CopyTo(_rows, 0);
            return;
        }

        for (var i = 0; i < _rows.Length; i++) _rows[i] = i;
    }

    private void Split(GrownTree tree, Leaf parent, float[] gradients, FeatureSampler? features, bool isLast)
    {
        var split = parent.Split;
        var clock = PhaseClock.Start();
        var leftCount = Part(parent);
        PhaseClock.Stop(clock, PhaseClock.Partition);
        var node = tree.Split(parent.Node, split);
        var left = new Leaf
        {
            Node = node,
            Start = parent.Start,
            Count = leftCount,
            Depth = parent.Depth + 1,
            Gradient = split.LeftGradient,
            Hessian = split.LeftHessian,
        };
        var right = new Leaf
        {
            Node = node + 1,
            Start = parent.Start + leftCount,
            Count = parent.Count - leftCount,
            Depth = parent.Depth + 1,
            Gradient = parent.Gradient - split.LeftGradient,
            Hessian = parent.Hessian - split.LeftHessian,
        };
        Bound(parent, left, right);
        _leaves.Remove(parent);
        _leaves.Add(left);
        _leaves.Add(right);
        tree.SetCover(left.Node, left.Count);
        tree.SetCover(right.Node, right.Count);
        if (isLast || (!MaySplit(left) && !MaySplit(right))) Return(parent);
        else BuildChildren(parent, left, right, gradients, features);
    }

    private void BuildChildren(Leaf parent, Leaf left, Leaf right, float[] gradients, FeatureSampler? features)
    {
        var (smaller, larger) = left.Count <= right.Count ? (left, right) : (right, left);
        var clock = PhaseClock.Start();
        smaller.Histogram = Rent();
        _histograms.Build(_rows.AsMemory(smaller.Start, smaller.Count), false, gradients, smaller.Histogram);
        larger.Histogram = parent.Histogram;
        parent.Histogram = null;
        HistogramBuilder.Subtract(larger.Histogram!, smaller.Histogram); // a leaf has its histogram until it is split
        if (_rules.CountsRows)
        {
            Count(smaller, false);
            (larger.Counts, parent.Counts) = (parent.Counts, null);
            HistogramBuilder.Subtract(larger.Counts!, smaller.Counts!);
        }

        PhaseClock.Stop(clock, PhaseClock.Histograms);
        clock = PhaseClock.Start();
        FindSplit(left, features);
        FindSplit(right, features);
        PhaseClock.Stop(clock, PhaseClock.Splits);
    }

    // The children of a split on a feature with a direction stay on their sides of the middle of their steps, and so
    // does all below them (as in XGBoost and LightGBM).
    private void Bound(Leaf parent, Leaf left, Leaf right)
    {
        (left.Lower, left.Upper) = (right.Lower, right.Upper) = (parent.Lower, parent.Upper);
        var direction = _rules.Direction(parent.Split.Feature);
        if (direction == 0) return;
        var middle = 0.5 * (_rules.Step(left.Sums, _options.L2) + _rules.Step(right.Sums, _options.L2));
        if (direction > 0) left.Upper = right.Lower = middle;
        else left.Lower = right.Upper = middle;
    }

    private void Count(Leaf leaf, bool all)
    {
        if (!_rules.CountsRows) return;
        leaf.Counts = Rent();
        _histograms.Build(_rows.AsMemory(leaf.Start, leaf.Count), all, _ones, leaf.Counts);
    }

    private bool MaySplit(Leaf leaf) =>
        leaf.Count >= 2 * _options.MinLeafRows
        && (_options.MaxDepth == 0 || leaf.Depth < _options.MaxDepth)
        && leaf.Hessian >= 2 * _rules.MinWeight;

    private void FindSplit(Leaf leaf, FeatureSampler? features)
    {
        if (MaySplit(leaf))
        {
            if (leaf.Counts is not null) leaf.Rows = (int)Sums(leaf.Counts).Gradient;
            leaf.Split = _finder.Find(leaf.Histogram!, leaf.Counts, leaf.Sums, features?.ForNode(leaf.Depth));
            if (leaf.Split.Exists)
            {
                _splittable.Enqueue(leaf, (-leaf.Split.Gain, leaf.Node));
                return;
            }
        }

        Return(leaf);
    }

    // Parts a leaf's rows; returns how many went left. Runs of rows are parted on their own and then joined in order.
    private int Part(Leaf leaf)
    {
        leaf.Split.Left.Fill(_goesLeft);
        var bins = _matrix.Columns[leaf.Split.Feature];
        var parts = leaf.Count < LeastRowsToPartInParallel ? 1 : _workers.Threads;
        var lefts = new int[parts];
        int From(int p) => leaf.Start + (int)((long)leaf.Count * p / parts);
        _workers.Run(parts, p =>
        {
            var length = From(p + 1) - From(p);
            lefts[p] = RowPartition.Split(bins, _goesLeft, _rows.AsSpan(From(p), length),
                _right.AsSpan(From(p), length));
        });
        var at = leaf.Start;
        for (var p = 0; p < parts; p++)
        {
            _rows.AsSpan(From(p), lefts[p]).CopyTo(_rows.AsSpan(at));
            at += lefts[p];
        }

        var leftCount = at - leaf.Start;
        for (var p = 0; p < parts; p++)
        {
            var rights = From(p + 1) - From(p) - lefts[p];
            _right.AsSpan(From(p), rights).CopyTo(_rows.AsSpan(at));
            at += rights;
        }

        return leftCount;
    }

    // As float32: what the exported tree holds is what training continues from.
    private float LeafValue(Leaf leaf) => (float)(_options.LearningRate * _rules.Step(leaf.Sums, _options.L2));

    // Every feature's bins sum to the same; those of the first are taken.
    private (double Gradient, double Hessian) Sums(double[] histogram)
    {
        double gradient = 0, hessian = 0;
        for (var bin = 0; bin <= _matrix.Features[0].MissingBin; bin++)
        {
            gradient += histogram[2 * bin];
            hessian += histogram[(2 * bin) + 1];
        }

        return (gradient, hessian);
    }

    private double[] Rent() => _spare.TryPop(out var histogram) ? histogram : new double[_histograms.Length];

    private void Return(Leaf leaf)
    {
        if (leaf.Histogram is not null) _spare.Push(leaf.Histogram);
        if (leaf.Counts is not null) _spare.Push(leaf.Counts);
        leaf.Histogram = leaf.Counts = null;
    }

    /// <summary>A leaf: a run of <see cref="_rows"/>, the sums over it, and its best split.</summary>
    private sealed class Leaf
    {
        public int Node, Start, Count, Rows, Depth;
        public double Gradient, Hessian, Lower, Upper;
        public double[]? Histogram, Counts;
        public SplitCandidate Split;

        public LeafSums Sums => new(Gradient, Hessian, Rows, Lower, Upper);
    }
}
