namespace Gyre.Training.Tests.Boosting;

/// <summary>
/// Boosting told again without histograms: derivatives by the definition, sums over the rows themselves, every
/// threshold, direction and cut of categories tried at every node. It does not grow trees of its own, as ties would be
/// broken differently, but holds each node of a trained tree against the best that there was.
/// </summary>
internal sealed class TreeOracle(
    BoostingOptions options, float[][] columns, bool[] categorical, int[] directions, double[] weights)
{
    private const double Tolerance = 1e-5;

    private double[] _g = [], _h = [];
    private Func<int[], double>? _leafStep;
    private double _largestStep = double.PositiveInfinity;

    /// <summary>Asserts that a tree is what the options ask for.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="gradient">First derivative per row, weighted.</param>
    /// <param name="hessian">Second derivative per row, weighted.</param>
    /// <param name="leafStep">The step of a leaf of some rows; null for Newton's.</param>
    /// <param name="largestStep">The largest step.</param>
    public void Check(
        Tree tree, double[] gradient, double[] hessian, Func<int[], double>? leafStep, double largestStep)
    {
        (_g, _h, _leafStep, _largestStep) = (gradient, hessian, leafStep, largestStep);
        var leaves = Enumerable.Range(0, tree.NodeCount).Count(tree.IsLeaf);
        var gains = new double[tree.NodeCount];
        Visit(0, [.. Enumerable.Range(0, gradient.Length)], -largestStep, largestStep);
        Assert.True(leaves <= options.MaxLeaves);

        // In the order of their splits, each node was the best of the leaves there were.
        var open = new HashSet<int> { 0 };
        foreach (var node in Enumerable.Range(0, tree.NodeCount).Where(n => !tree.IsLeaf(n)).OrderBy(n => tree.Left[n]))
        {
            var best = open.Max(n => gains[n]);
            Assert.True(gains[node] >= best - Slack(best), $"{gains[node]} was split before {best}");
            open.Remove(node);
            open.UnionWith([tree.Left[node], tree.Right[node]]);
        }

        if (leaves < options.MaxLeaves) Assert.True(open.Max(n => gains[n]) <= Tolerance, "a leaf is left to split");

        void Visit(int node, int[] rows, double lower, double upper)
        {
            Assert.Equal(rows.Length, tree.Cover[node]);
            var best = gains[node] = BestGain(rows, lower, upper);
            if (tree.IsLeaf(node))
            {
                if (_leafStep is not null && directions.Any(d => d != 0)) return; // cut afterwards; see the grid test
                var step = _leafStep?.Invoke(rows) ?? Step(rows, lower, upper);
                Assert.Equal(options.LearningRate * step, tree.Value[node], 1e-5 * Math.Max(1, Math.Abs(step)));
                return;
            }

            var left = Array.FindAll(rows, row => tree.GoesLeft(node, columns, row));
            var right = rows.Except(left).ToArray();
            var feature = tree.Feature[node];
            var gain = gains[node] = Gain(left, right, rows, feature, lower, upper);
            Assert.True(gain >= best - Slack(best), $"gain {gain}, but {best} was to be had");
            if (IsTried(left, feature)) Assert.True(gain <= best + Slack(best), $"gain {gain} above {best}");
            Assert.True(Math.Abs(gain - tree.Gain[node]) <= Slack(best), $"gain {gain}, but {tree.Gain[node]} is kept");
            var middle = 0.5 * (Step(left, lower, upper) + Step(right, lower, upper));
            var direction = directions[feature];
            Visit(tree.Left[node], left, direction < 0 ? middle : lower, direction > 0 ? middle : upper);
            Visit(tree.Right[node], right, direction > 0 ? middle : lower, direction < 0 ? middle : upper);
        }
    }

    // Missing values alone on the left: a threshold does that only below all values of the node, where another node has
    // some. It matters to features with a direction alone, as otherwise the sides are alike.
    private bool IsTried(int[] left, int feature) =>
        directions[feature] == 0 || left.Any(row => !float.IsNaN(columns[feature][row]));

    private static double Slack(double gain) => Tolerance * (1 + Math.Abs(gain));

    private double BestGain(int[] rows, double lower, double upper)
    {
        var best = 0.0;
        for (var f = 0; f < columns.Length; f++)
        {
            foreach (var left in categorical[f] ? Cuts(f, rows) : Thresholds(f, rows))
                best = Math.Max(best, Gain(left, [.. rows.Except(left)], rows, f, lower, upper));
        }

        return best;
    }

    private IEnumerable<int[]> Thresholds(int f, int[] rows)
    {
        var x = columns[f];
        foreach (var threshold in rows.Select(row => x[row]).Where(v => !float.IsNaN(v)).Distinct())
        foreach (var missingLeft in new[] { true, false })
            yield return Array.FindAll(rows, row => float.IsNaN(x[row]) ? missingLeft : x[row] <= threshold);
    }

    private bool IsFew(int f) => columns[f].Where(v => !float.IsNaN(v)).Distinct().Count() <= options.FewCategories;

    private IEnumerable<int[]> Cuts(int f, int[] rows)
    {
        var smoothing = IsFew(f) ? 0 : options.CategorySmoothing;
        var groups = rows.GroupBy(row => columns[f][row]).Select(g => g.ToArray())
            .Where(g => g.Sum(row => _h[row]) > 1e-9)
            .OrderBy(g => g.Sum(row => _g[row]) / (g.Sum(row => _h[row]) + smoothing)).ToArray();
        for (var cut = 1; cut < groups.Length; cut++) yield return [.. groups.Take(cut).SelectMany(g => g)];
    }

    private double Gain(int[] left, int[] right, int[] all, int feature, double lower, double upper)
    {
        var l2 = options.L2 + (categorical[feature] && !IsFew(feature) ? options.CategoryL2 : 0);
        foreach (var side in new[] { left, right })
        {
            if (side.Count(row => weights[row] > 0) < options.MinLeafRows) return 0;
            if (side.Sum(row => _h[row]) < Math.Max(options.MinChildWeight, 1e-9)) return 0;
        }

        var (a, b) = (Step(left, lower, upper, l2), Step(right, lower, upper, l2));
        if (directions[feature] * (b - a) < 0) return 0;
        return Fall(left, a, l2) + Fall(right, b, l2) - Fall(all, Step(all, lower, upper, l2), l2);
    }

    private double Step(int[] rows, double lower, double upper) => Step(rows, lower, upper, options.L2);

    private double Step(int[] rows, double lower, double upper, double l2)
    {
        var (g, h) = (rows.Sum(row => _g[row]), rows.Sum(row => _h[row]));
        var soft = g > options.L1 ? g - options.L1 : g < -options.L1 ? g + options.L1 : 0;
        return Math.Clamp(h + l2 > 0 ? -soft / (h + l2) : 0, lower, upper);
    }

    // How far a step lowers the penalised quadratic: −(G w + ½ (H + λ) w² + α |w|).
    private double Fall(int[] rows, double step, double l2) =>
        -((rows.Sum(row => _g[row]) * step) + (0.5 * (rows.Sum(row => _h[row]) + l2) * step * step)
            + (options.L1 * Math.Abs(step)));
}

internal static class TreeWalk
{
    /// <summary>Whether a row goes left at a node.</summary>
    public static bool GoesLeft(this Tree tree, int node, float[][] columns, int row)
    {
        var x = columns[tree.Feature[node]][row];
        if (float.IsNaN(x)) return tree.DefaultLeft[node];
        return tree.CategorySet[node] < 0
            ? x <= tree.Threshold[node]
            : tree.CategorySets[tree.CategorySet[node]].Contains((int)x);
    }
}
