namespace Gyre.Training.Boosting;

/// <summary>
/// Grows one tree at a time.
/// 1. The root is summed over all rows, and its best split found.
/// 2. Best leaf first: the leaf whose split gains most is split, until leaves run out or no split gains. Its work is shared
///    among the threads.
/// 3. Or level by level: all leaves of a depth are split, each by one thread when there are enough of them, so that threads
///    meet once a level.
/// The tree does not depend on which thread split a leaf. Not thread-safe; works on its workers' threads inside.
/// </summary>
internal sealed class TreeGrower
{
    // Leaves of fewer rows than this for a thread each are split by one thread each even where they are few.
    private const int FewRows = 20_000;

    private readonly BinnedMatrix _matrix;
    private readonly BoostingOptions _options;
    private readonly GrowthRules _rules;
    private readonly Workers _workers;
    private readonly HistogramPool _pool;
    private readonly LeafSplitter _together;
    private readonly LeafSplitter[] _alone;
    private readonly PriorityQueue<GrowingLeaf, (double NegativeGain, int Node)> _splittable = new();
    private readonly List<GrowingLeaf> _leaves = [];
    private readonly TreeRows _rows = new();

    public TreeGrower(BinnedMatrix matrix, GrowthRules rules, Workers workers)
    {
        (_matrix, _rules, _options, _workers) = (matrix, rules, rules.Options, workers);
        _pool = new HistogramPool(2 * matrix.TotalBins);
        var ones = Ones(matrix, rules);
        _together = new LeafSplitter(matrix, rules, workers, _pool, ones);
        _alone = new LeafSplitter[_options.Growth == TreeGrowth.Depth ? workers.Threads : 0];
        for (var i = 0; i < _alone.Length; i++)
            _alone[i] = new LeafSplitter(matrix, rules, new Workers(1), _pool, ones);
    }

    /// <summary>The number of leaves of the last tree.</summary>
    public int LeafCount => _leaves.Count;

    /// <summary>Grows a tree.</summary>
    /// <param name="rows">The rows to learn from, ascending; null for all of the matrix.</param>
    /// <param name="gradients">Pairs, one per row of the matrix.</param>
    /// <param name="features">Draws the features that a node may use; null for all.</param>
    /// <param name="token">Stops between splits.</param>
    public GrownTree Grow(int[]? rows, float[] gradients, FeatureSampler? features, CancellationToken token)
    {
        foreach (var leaf in _leaves) _pool.Return(leaf);
        _leaves.Clear();
        _rows.Start(rows, _matrix.Rows, gradients);
        var tree = new GrownTree();
        var root = new GrowingLeaf
        {
            Count = rows?.Length ?? _matrix.Rows,
            Lower = -_rules.LargestStep,
            Upper = _rules.LargestStep,
            Allowed = features?.ForNode(0),
        };
        _together.Open(root, _rows, rows is null);
        _leaves.Add(root);
        tree.SetCover(root.Node, root.Count);
        if (_options.Growth == TreeGrowth.Depth) GrowByLevel(tree, features, token);
        else GrowByGain(tree, features, token);
        foreach (var leaf in _leaves) tree.SetValue(leaf.Node, LeafValue(leaf));
        return tree;
    }

    /// <summary>Adds the last tree's leaf values to the scores of the rows it was grown from.</summary>
    public void AddToScores(GrownTree tree, double[] scores)
    {
        _workers.Run(_leaves.Count, i =>
        {
            double value = tree.Value(_leaves[i].Node);
            foreach (var row in _rows.Rows.AsSpan(_leaves[i].Start, _leaves[i].Count)) scores[row] += value;
        });
    }

    /// <summary>A leaf of the last tree: its node, and the rows that end in it.</summary>
    public (int Node, ReadOnlyMemory<int> Rows) LeafAt(int i) =>
        (_leaves[i].Node, _rows.Of(_leaves[i]));

    private void GrowByGain(GrownTree tree, FeatureSampler? features, CancellationToken token)
    {
        _splittable.Clear();
        Enqueue(_leaves[0]);
        while (_leaves.Count < _options.MaxLeaves && _splittable.TryDequeue(out var leaf, out _))
        {
            token.ThrowIfCancellationRequested();
            var (left, right) = Divide(tree, leaf, features);
            _together.Split(leaf, left, right, _rows, stay: _leaves.Count + 1 == _options.MaxLeaves);
            Replace(tree, leaf, left, right);
            Enqueue(left);
            Enqueue(right);
        }
    }

    private void GrowByLevel(GrownTree tree, FeatureSampler? features, CancellationToken token)
    {
        var level = new List<GrowingLeaf>(_leaves);
        while (_leaves.Count < _options.MaxLeaves)
        {
            token.ThrowIfCancellationRequested();
            GrowingLeaf[] split =
                [.. level.Where(leaf => leaf.Split.Exists).Take(_options.MaxLeaves - _leaves.Count)];
            if (split.Length == 0) return;
            var children = Array.ConvertAll(split, leaf => Divide(tree, leaf, features));
            SplitLevel(split, children, stay: _leaves.Count + split.Length == _options.MaxLeaves, token);
            level.Clear();
            foreach (var (leaf, (left, right)) in split.Zip(children))
            {
                Replace(tree, leaf, left, right);
                level.Add(left);
                level.Add(right);
            }
        }
    }

    private void SplitLevel(
        GrowingLeaf[] split, (GrowingLeaf Left, GrowingLeaf Right)[] children, bool stay, CancellationToken token)
    {
        var threads = Math.Min(_workers.Threads, split.Length);
        if (threads == 1 || (split.Length < 2 * threads && split.Max(leaf => leaf.Count) > FewRows))
        {
            for (var i = 0; i < split.Length; i++)
                _together.Split(split[i], children[i].Left, children[i].Right, _rows, stay);
            return;
        }

        var next = -1;
        _workers.Run(threads, thread =>
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) < split.Length)
            {
                token.ThrowIfCancellationRequested();
                _alone[thread].Split(split[i], children[i].Left, children[i].Right, _rows, stay);
            }
        });
    }

    // Makes a leaf's children of its best split; their rows come later.
    private (GrowingLeaf Left, GrowingLeaf Right) Divide(GrownTree tree, GrowingLeaf parent, FeatureSampler? features)
    {
        var split = parent.Split;
        var node = tree.Split(parent.Node, split);
        var left = new GrowingLeaf
        {
            Node = node,
            Depth = parent.Depth + 1,
            Gradient = split.LeftGradient,
            Hessian = split.LeftHessian,
            Allowed = features?.ForNode(parent.Depth + 1),
        };
        var right = new GrowingLeaf
        {
            Node = node + 1,
            Depth = parent.Depth + 1,
            Gradient = parent.Gradient - split.LeftGradient,
            Hessian = parent.Hessian - split.LeftHessian,
            Allowed = features?.ForNode(parent.Depth + 1),
        };
        Bound(parent, left, right);
        return (left, right);
    }

    private void Replace(GrownTree tree, GrowingLeaf parent, GrowingLeaf left, GrowingLeaf right)
    {
        _leaves.Remove(parent);
        _leaves.Add(left);
        _leaves.Add(right);
        tree.SetCover(left.Node, left.Count);
        tree.SetCover(right.Node, right.Count);
    }

    private void Enqueue(GrowingLeaf leaf)
    {
        if (leaf.Split.Exists) _splittable.Enqueue(leaf, (-leaf.Split.Gain, leaf.Node));
    }

    // The children of a split on a feature with a direction stay on their sides of the middle of their steps, and so
    // does all below them (as in XGBoost and LightGBM).
    private void Bound(GrowingLeaf parent, GrowingLeaf left, GrowingLeaf right)
    {
        (left.Lower, left.Upper) = (right.Lower, right.Upper) = (parent.Lower, parent.Upper);
        var direction = _rules.Direction(parent.Split.Feature);
        if (direction == 0) return;
        var middle = 0.5 * (_rules.Step(left.Sums, _options.L2) + _rules.Step(right.Sums, _options.L2));
        if (direction > 0) left.Upper = right.Lower = middle;
        else left.Lower = right.Upper = middle;
    }

    // As float32: what the exported tree holds is what training continues from.
    private float LeafValue(GrowingLeaf leaf) =>
        (float)(_options.LearningRate * _rules.Step(leaf.Sums, _options.L2));

    // A gradient pair of ones per row, or of zeros where the row weighs nothing: summed as gradients are, they count
    // rows. Empty when nothing asks for it.
    private static float[] Ones(BinnedMatrix matrix, GrowthRules rules)
    {
        var ones = rules.CountsRows ? new float[2 * matrix.Rows] : [];
        for (var i = 0; i < ones.Length; i++) ones[i] = rules.Weights is { } weights && weights[i / 2] == 0 ? 0 : 1;
        return ones;
    }
}
