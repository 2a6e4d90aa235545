namespace Gyre.Training.Boosting;

/// <summary>
/// Finds the best split of a node from its histogram. The gain is that of Chen and Guestrin, "XGBoost" (2016),
/// equation 7: ½ (G_L² / (H_L + λ) + G_R² / (H_R + λ) − G² / (H + λ)). Not thread-safe.
/// </summary>
internal sealed class SplitFinder(BinnedMatrix matrix, BoostingOptions options)
{
    private readonly int[] _order = new int[256];
    private readonly double[] _keys = new double[256];

    /// <summary>The best split over the features that may be used; the first of equals wins.</summary>
    public SplitCandidate Find(double[] histogram, double gradient, double hessian, bool[]? allowed)
    {
        var best = default(SplitCandidate);
        for (var f = 0; f < matrix.Features.Length; f++)
        {
            if (allowed is not null && !allowed[f]) continue;
            var bins = matrix.Features[f];
            var sums = histogram.AsSpan(2 * matrix.Offsets[f], 2 * (bins.ValueBins + 1));
            var node = new NodeSums(gradient, hessian, sums[^2], sums[^1]);
            if (bins.IsCategorical) FindCategories(f, sums[..^2], node, ref best);
            else FindThreshold(f, sums[..^2], node, ref best);
        }

        if (best.Gain <= options.MinSplitGain) return default;
        if (best.Bin >= 0) FillThresholdSet(ref best);
        return best;
    }

    private void FindThreshold(int feature, ReadOnlySpan<double> sums, NodeSums node, ref SplitCandidate best)
    {
        var floor = best.Gain;
        var l2 = options.L2;
        var parent = Score(node.Gradient, node.Hessian, l2);
        var hasMissing = node.HasMissing;
        double left = 0, weight = 0;
        var last = (sums.Length / 2) - (hasMissing ? 1 : 2);
        for (var bin = 0; bin <= last; bin++)
        {
            left += sums[2 * bin];
            weight += sums[(2 * bin) + 1];
            var gain = Gain(left, weight, node, parent, l2);
            if (gain > floor)
            {
                floor = gain;
                // Where no row misses the value here, later ones that do follow the heavier side.
                var heavier = weight > node.Hessian - weight;
                best = Candidate(feature, bin, gain, left, weight, missingLeft: !hasMissing && heavier);
            }

            if (!hasMissing) continue;
            gain = Gain(left + node.MissingGradient, weight + node.MissingHessian, node, parent, l2);
            if (gain <= floor) continue;
            floor = gain;
            best = Candidate(
                feature, bin, gain, left + node.MissingGradient, weight + node.MissingHessian, missingLeft: true);
        }
    }

    // Fisher (1958): with categories in order of their mean gradient, the best two-way parting is one of the cuts of
    // that order. Missing values are one more category.
    private void FindCategories(int feature, ReadOnlySpan<double> sums, NodeSums node, ref SplitCandidate best)
    {
        var count = OrderCategories(sums, node);
        if (count < 2) return;
        var l2 = options.L2 + options.CategoryL2;
        var parent = Score(node.Gradient, node.Hessian, l2);
        var floor = best.Gain;
        var cut = -1;
        double left = 0, weight = 0, cutLeft = 0, cutWeight = 0;
        for (var i = 0; i < count - 1; i++)
        {
            var (g, h) = SumsOf(_order[i], sums, node);
            left += g;
            weight += h;
            var gain = Gain(left, weight, node, parent, l2);
            if (gain <= floor) continue;
            (floor, cut, cutLeft, cutWeight) = (gain, i, left, weight);
        }

        if (cut < 0) return;
        best = Candidate(feature, -1, floor, cutLeft, cutWeight, missingLeft: false);
        FillCategorySet(ref best, cut, count, sums.Length / 2, node);
    }

    // The lighter side is made the left set, so that categories not seen in this node, which are in no set, follow the
    // heavier.
    private void FillCategorySet(ref SplitCandidate split, int cut, int count, int missingBin, NodeSums node)
    {
        var (from, to) = (0, cut + 1);
        if (split.LeftHessian > node.Hessian - split.LeftHessian)
        {
            (from, to) = (cut + 1, count);
            split.LeftGradient = node.Gradient - split.LeftGradient;
            split.LeftHessian = node.Hessian - split.LeftHessian;
        }

        for (var i = from; i < to; i++)
        {
            split.Left.Add(_order[i]);
            split.MissingLeft |= _order[i] == missingBin;
        }
    }

    private int OrderCategories(ReadOnlySpan<double> sums, NodeSums node)
    {
        var count = 0;
        var missingBin = sums.Length / 2;
        for (var bin = 0; bin <= missingBin; bin++)
        {
            if (bin == missingBin && !node.HasMissing) continue;
            var (g, h) = SumsOf(bin, sums, node);
            if (h <= NodeSums.Noise) continue;
            _keys[count] = g / (h + options.CategorySmoothing);
            _order[count++] = bin;
        }

        Array.Sort(_keys, _order, 0, count);
        return count;
    }

    private static (double Gradient, double Hessian) SumsOf(int bin, ReadOnlySpan<double> sums, NodeSums node) =>
        bin == sums.Length / 2 ? (node.MissingGradient, node.MissingHessian) : (sums[2 * bin], sums[(2 * bin) + 1]);

    private double Gain(double left, double weight, NodeSums node, double parent, double l2)
    {
        var other = node.Hessian - weight;
        if (weight < options.MinChildWeight || other < options.MinChildWeight) return 0;
        if (weight <= NodeSums.Noise || other <= NodeSums.Noise) return 0;
        return 0.5 * (Score(left, weight, l2) + Score(node.Gradient - left, other, l2) - parent);
    }

    private static double Score(double gradient, double hessian, double l2) => gradient * gradient / (hessian + l2);

    private static SplitCandidate Candidate(int feature, int bin, double gain, double left, double weight,
        bool missingLeft) =>
        new()
        {
            Feature = feature,
            Bin = bin,
            Gain = gain,
            LeftGradient = left,
            LeftHessian = weight,
            MissingLeft = missingLeft,
        };

    private void FillThresholdSet(ref SplitCandidate split)
    {
        for (var bin = 0; bin <= split.Bin; bin++) split.Left.Add(bin);
        if (split.MissingLeft) split.Left.Add(matrix.Features[split.Feature].MissingBin);
    }

    /// <summary>Sums over a node's rows, and over those that miss the feature.</summary>
    private readonly record struct NodeSums(double Gradient, double Hessian, double MissingGradient,
        double MissingHessian)
    {
        /// <summary>Hessian sums at or below this are what subtraction leaves of nothing.</summary>
        public const double Noise = 1e-9;

        public bool HasMissing => MissingHessian > Noise;
    }
}
