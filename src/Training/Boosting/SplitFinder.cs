namespace Gyre.Training.Boosting;

/// <summary>
/// Finds the best split of a node from its histogram. The gain is that of Chen and Guestrin, "XGBoost" (2016),
/// equation 7: ½ (G_L² / (H_L + λ) + G_R² / (H_R + λ) − G² / (H + λ)); with L1 or bounds, half of what the best allowed
/// steps lower the loss by. A feature with a direction is split only where the steps of its sides do not go against it.
/// Not thread-safe.
/// </summary>
internal sealed class SplitFinder(BinnedMatrix matrix, GrowthRules rules)
{
    private readonly BoostingOptions _options = rules.Options;
    private readonly int[] _order = new int[256];
    private readonly double[] _keys = new double[256];

    /// <summary>The best split over the features that may be used; the first of equals wins.</summary>
    /// <param name="histogram">Pairs of sums per bin.</param>
    /// <param name="counts">Pairs per bin whose first number counts rows; null when rows need no counting.</param>
    /// <param name="leaf">The sums over all rows of the node.</param>
    /// <param name="allowed">The features that may be used; null for all.</param>
    public SplitCandidate Find(double[] histogram, double[]? counts, in LeafSums leaf, bool[]? allowed)
    {
        var best = default(SplitCandidate);
        for (var f = 0; f < matrix.Features.Length; f++)
        {
            if (allowed is not null && !allowed[f]) continue;
            var bins = matrix.Features[f];
            var (start, length) = (2 * matrix.Offsets[f], 2 * (bins.ValueBins + 1));
            var node = new Node(
                leaf, histogram.AsSpan(start, length),
                counts is null ? default : counts.AsSpan(start, length), rules.Direction(f));
            if (bins.IsCategorical) FindCategories(f, node, ref best);
            else FindThreshold(f, node, ref best);
        }

        if (best.Gain <= _options.MinSplitGain) return default;
        if (best.Bin >= 0) FillThresholdSet(ref best);
        return best;
    }

    private void FindThreshold(int feature, in Node node, ref SplitCandidate best)
    {
        var floor = best.Gain;
        var parent = Parent(node.Leaf, _options.L2);
        var hasMissing = node.HasMissing;
        var missing = node.Missing;
        var left = default(Side);
        var last = node.MissingBin - (hasMissing ? 1 : 2);
        for (var bin = 0; bin <= last; bin++)
        {
            left += node.At(bin);
            var gain = Gain(left, node, parent, _options.L2);
            if (gain > floor)
            {
                floor = gain;
                // Where no row misses the value here, later ones that do follow the heavier side.
                var heavier = left.Hessian > node.Leaf.Hessian - left.Hessian;
                best = Candidate(feature, bin, gain, left, missingLeft: !hasMissing && heavier);
            }

            if (!hasMissing) continue;
            gain = Gain(left + missing, node, parent, _options.L2);
            if (gain <= floor) continue;
            floor = gain;
            best = Candidate(feature, bin, gain, left + missing, missingLeft: true);
        }
    }

    // Fisher (1958): with categories in order of their mean gradient, the best two-way parting is one of the cuts of
    // that order. Missing values are one more category.
    private void FindCategories(int feature, in Node node, ref SplitCandidate best)
    {
        var few = matrix.Features[feature].ValueBins <= _options.FewCategories;
        var count = OrderCategories(node, few ? 0 : _options.CategorySmoothing);
        if (count < 2) return;
        var l2 = _options.L2 + (few ? 0 : _options.CategoryL2);
        var parent = Parent(node.Leaf, l2);
        var floor = best.Gain;
        var cut = -1;
        Side left = default, atCut = default;
        for (var i = 0; i < count - 1; i++)
        {
            left += node.At(_order[i]);
            var gain = Gain(left, node, parent, l2);
            if (gain <= floor) continue;
            (floor, cut, atCut) = (gain, i, left);
        }

        if (cut < 0) return;
        best = Candidate(feature, -1, floor, atCut, missingLeft: false);
        FillCategorySet(ref best, cut, count, node);
    }

    // The lighter side is made the left set, so that categories not seen in this node, which are in no set, follow the
    // heavier.
    private void FillCategorySet(ref SplitCandidate split, int cut, int count, in Node node)
    {
        var (from, to) = (0, cut + 1);
        if (split.LeftHessian > node.Leaf.Hessian - split.LeftHessian)
        {
            (from, to) = (cut + 1, count);
            split.LeftGradient = node.Leaf.Gradient - split.LeftGradient;
            split.LeftHessian = node.Leaf.Hessian - split.LeftHessian;
        }

        for (var i = from; i < to; i++)
        {
            split.Left.Add(_order[i]);
            split.MissingLeft |= _order[i] == node.MissingBin;
        }
    }

    private int OrderCategories(in Node node, double smoothing)
    {
        var count = 0;
        for (var bin = 0; bin <= node.MissingBin; bin++)
        {
            if (bin == node.MissingBin && !node.HasMissing) continue;
            var side = node.At(bin);
            if (side.Hessian <= Node.Noise) continue;
            _keys[count] = side.Gradient / (side.Hessian + smoothing);
            _order[count++] = bin;
        }

        Array.Sort(_keys, _order, 0, count);
        return count;
    }

    private double Parent(in LeafSums leaf, double l2) => rules.IsPlain
        ? Score(leaf.Gradient, leaf.Hessian, l2)
        : rules.Score(leaf.Gradient, leaf.Hessian, rules.Step(leaf, l2), l2);

    private double Gain(in Side left, in Node node, double parent, double l2)
    {
        var right = node.Less(left);
        if (left.Hessian < rules.MinWeight || right.Hessian < rules.MinWeight) return 0;
        if (left.Hessian <= Node.Noise || right.Hessian <= Node.Noise) return 0;
        if (node.HasCounts && Math.Min(left.Rows, right.Rows) < _options.MinLeafRows) return 0;
        if (rules.IsPlain)
        {
            return 0.5 * (Score(left.Gradient, left.Hessian, l2)
                + Score(right.Gradient, right.Hessian, l2) - parent);
        }

        var (lower, upper) = (node.Leaf.Lower, node.Leaf.Upper);
        var first = rules.Step(left.Gradient, left.Hessian, lower, upper, l2);
        var second = rules.Step(right.Gradient, right.Hessian, lower, upper, l2);
        if (node.Direction * (second - first) < 0) return 0;
        return 0.5 * (rules.Score(left.Gradient, left.Hessian, first, l2)
            + rules.Score(right.Gradient, right.Hessian, second, l2) - parent);
    }

    private static double Score(double gradient, double hessian, double l2) => gradient * gradient / (hessian + l2);

    private static SplitCandidate Candidate(int feature, int bin, double gain, in Side left, bool missingLeft) =>
        new()
        {
            Feature = feature,
            Bin = bin,
            Gain = gain,
            LeftGradient = left.Gradient,
            LeftHessian = left.Hessian,
            MissingLeft = missingLeft,
        };

    private void FillThresholdSet(ref SplitCandidate split)
    {
        for (var bin = 0; bin <= split.Bin; bin++) split.Left.Add(bin);
        if (split.MissingLeft) split.Left.Add(matrix.Features[split.Feature].MissingBin);
    }

    /// <summary>What goes to one side.</summary>
    private readonly record struct Side(double Gradient, double Hessian, double Rows)
    {
        public static Side operator +(in Side a, in Side b) =>
            new(a.Gradient + b.Gradient, a.Hessian + b.Hessian, a.Rows + b.Rows);
    }

    /// <summary>One feature's bins in a node.</summary>
    private readonly ref struct Node
    {
        /// <summary>Hessian sums at or below this are what subtraction leaves of nothing.</summary>
        public const double Noise = 1e-9;

        private readonly ReadOnlySpan<double> _sums;
        private readonly ReadOnlySpan<double> _counts;

        public Node(in LeafSums leaf, ReadOnlySpan<double> sums, ReadOnlySpan<double> counts, int direction)
        {
            (Leaf, Direction) = (leaf, direction);
            _sums = sums;
            _counts = counts;
        }

        public readonly LeafSums Leaf;

        public readonly int Direction;

        public int MissingBin => (_sums.Length / 2) - 1;

        public bool HasMissing => _sums[^1] > Noise;

        public bool HasCounts => !_counts.IsEmpty;

        public Side Missing => At(MissingBin);

        public Side At(int bin) => new(
            _sums[2 * bin], _sums[(2 * bin) + 1], _counts.IsEmpty ? 0 : _counts[2 * bin]);

        public Side Less(in Side side) =>
            new(Leaf.Gradient - side.Gradient, Leaf.Hessian - side.Hessian, Leaf.Rows - side.Rows);
    }
}
