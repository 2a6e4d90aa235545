using Gyre.Numerics;

namespace Gyre.Training.Boosting;

/// <summary>
/// Splits leaves: parts a leaf's rows in place, keeping their order; sums the smaller child's histogram over its rows and
/// takes the larger one's as the parent's less the smaller one's; finds both children's best splits. Not thread-safe; works
/// on its workers' threads inside.
/// </summary>
internal sealed class LeafSplitter(
    BinnedMatrix matrix, GrowthRules rules, Workers workers, HistogramPool pool, float[] ones)
{
    private const int LeastRowsToPartInParallel = 50_000;

    private readonly BoostingOptions _options = rules.Options;
    private readonly HistogramBuilder _histograms = new(matrix, workers);
    private readonly SplitFinder _finder = new(matrix, rules);
    private readonly byte[] _goesLeft = new byte[256];

    /// <summary>Sums the root and finds its best split.</summary>
    public void Open(GrowingLeaf root, TreeRows rows, bool all)
    {
        var clock = PhaseClock.Start();
        root.Histogram = pool.Rent();
        _histograms.Build(rows.Of(root), all, rows.Gradients, root.Histogram);
        Count(root, rows, all);
        PhaseClock.Stop(clock, PhaseClock.Histograms);
        (root.Gradient, root.Hessian) = Sums(root.Histogram);
        FindSplit(root);
    }

    /// <summary>Gives each child its rows and, unless they are to stay leaves, its best split.</summary>
    public void Split(GrowingLeaf parent, GrowingLeaf left, GrowingLeaf right, TreeRows rows, bool stay)
    {
        var clock = PhaseClock.Start();
        left.Start = parent.Start;
        left.Count = Part(parent, rows);
        right.Start = parent.Start + left.Count;
        right.Count = parent.Count - left.Count;
        PhaseClock.Stop(clock, PhaseClock.Partition);
        if (stay || (!MaySplit(left) && !MaySplit(right)))
        {
            pool.Return(parent);
            return;
        }

        clock = PhaseClock.Start();
        SumChildren(parent, left, right, rows);
        PhaseClock.Stop(clock, PhaseClock.Histograms);
        clock = PhaseClock.Start();
        FindSplit(left);
        FindSplit(right);
        PhaseClock.Stop(clock, PhaseClock.Splits);
    }

    private void SumChildren(GrowingLeaf parent, GrowingLeaf left, GrowingLeaf right, TreeRows rows)
    {
        var (smaller, larger) = left.Count <= right.Count ? (left, right) : (right, left);
        smaller.Histogram = pool.Rent();
        _histograms.Build(rows.Of(smaller), false, rows.Gradients, smaller.Histogram);
        (larger.Histogram, parent.Histogram) = (parent.Histogram, null);
        HistogramBuilder.Subtract(larger.Histogram!, smaller.Histogram); // a leaf has its histogram until it is split
        if (!rules.CountsRows) return;
        Count(smaller, rows, false);
        (larger.Counts, parent.Counts) = (parent.Counts, null);
        HistogramBuilder.Subtract(larger.Counts!, smaller.Counts!); // as above
    }

    private void Count(GrowingLeaf leaf, TreeRows rows, bool all)
    {
        if (!rules.CountsRows) return;
        leaf.Counts = pool.Rent();
        _histograms.Build(rows.Of(leaf), all, ones, leaf.Counts);
    }

    private bool MaySplit(GrowingLeaf leaf) =>
        leaf.Count >= 2 * _options.MinLeafRows
        && (_options.MaxDepth == 0 || leaf.Depth < _options.MaxDepth)
        && leaf.Hessian >= 2 * rules.MinWeight;

    private void FindSplit(GrowingLeaf leaf)
    {
        leaf.Split = default;
        if (MaySplit(leaf))
        {
            if (leaf.Counts is not null) leaf.Rows = (int)Sums(leaf.Counts).Gradient;
            leaf.Split = _finder.Find(leaf.Histogram!, leaf.Counts, leaf.Sums, leaf.Allowed); // summed just before
        }

        if (!leaf.Split.Exists) pool.Return(leaf);
    }

    // Parts a leaf's rows; returns how many went left. Runs of rows are parted on their own and then joined in order.
    private int Part(GrowingLeaf leaf, TreeRows rows)
    {
        leaf.Split.Left.Fill(_goesLeft);
        var bins = matrix.Columns[leaf.Split.Feature];
        var parts = leaf.Count < LeastRowsToPartInParallel ? 1 : workers.Threads;
        var lefts = new int[parts];
        int From(int p) => leaf.Start + (int)((long)leaf.Count * p / parts);
        workers.Run(parts, p =>
        {
            var length = From(p + 1) - From(p);
            lefts[p] = RowPartition.Split(bins, _goesLeft, rows.Rows.AsSpan(From(p), length),
                rows.Right.AsSpan(From(p), length));
        });
        var at = leaf.Start;
        for (var p = 0; p < parts; p++)
        {
            rows.Rows.AsSpan(From(p), lefts[p]).CopyTo(rows.Rows.AsSpan(at));
            at += lefts[p];
        }

        var leftCount = at - leaf.Start;
        for (var p = 0; p < parts; p++)
        {
            var rights = From(p + 1) - From(p) - lefts[p];
            rows.Right.AsSpan(From(p), rights).CopyTo(rows.Rows.AsSpan(at));
            at += rights;
        }

        return leftCount;
    }

    // Every feature's bins sum to the same; those of the first are taken.
    private (double Gradient, double Hessian) Sums(double[] histogram)
    {
        double gradient = 0, hessian = 0;
        for (var bin = 0; bin <= matrix.Features[0].MissingBin; bin++)
        {
            gradient += histogram[2 * bin];
            hessian += histogram[(2 * bin) + 1];
        }

        return (gradient, hessian);
    }
}
