using System.Buffers;

namespace Gyre.Training.Boosting;

/// <summary>
/// Gives the leaves of a grown tree the values that a loss asks for instead of Newton steps. Where features have
/// directions, values are then cut so that the tree keeps them: below a split, all values of one side lie on one side of
/// the middle between the sides' means.
/// </summary>
internal static class LeafRenewal
{
    public static void Renew(
        GrownTree tree, TreeGrower grower, BoostingLoss loss, double[] scores, double[] target, GrowthRules rules,
        Workers workers)
    {
        var steps = new double[tree.NodeCount];
        workers.Run(grower.LeafCount, i =>
        {
            var (node, rows) = grower.LeafAt(i);
            steps[node] = Step(rows.Span, loss, scores, target, rules.Weights);
        });
        if (rules.HasDirections)
        {
            Average(tree, steps, 0);
            Bound(tree, rules, steps, 0, double.NegativeInfinity, double.PositiveInfinity);
        }

        for (var i = 0; i < grower.LeafCount; i++)
        {
            var node = grower.LeafAt(i).Node;
            tree.SetValue(node, (float)(rules.Options.LearningRate * steps[node]));
        }
    }

    private static double Step(
        ReadOnlySpan<int> rows, BoostingLoss loss, double[] scores, double[] target, double[]? weights)
    {
        var residuals = ArrayPool<double>.Shared.Rent(rows.Length);
        var counted = ArrayPool<double>.Shared.Rent(weights is null ? 0 : rows.Length);
        for (var i = 0; i < rows.Length; i++) residuals[i] = target[rows[i]] - scores[rows[i]];
        for (var i = 0; weights is not null && i < rows.Length; i++) counted[i] = weights[rows[i]];
        var step = loss.LeafValue(
            residuals.AsSpan(0, rows.Length), counted.AsSpan(0, weights is null ? 0 : rows.Length));
        ArrayPool<double>.Shared.Return(residuals);
        ArrayPool<double>.Shared.Return(counted);
        return step;
    }

    // Inner nodes take the mean of the leaves below them, by rows.
    private static void Average(GrownTree tree, double[] steps, int node)
    {
        if (tree.IsLeaf(node)) return;
        var (left, right) = tree.Children(node);
        Average(tree, steps, left);
        Average(tree, steps, right);
        double a = tree.Cover(left), b = tree.Cover(right);
        steps[node] = ((a * steps[left]) + (b * steps[right])) / Math.Max(a + b, 1);
    }

    private static void Bound(
        GrownTree tree, GrowthRules rules, double[] steps, int node, double lower, double upper)
    {
        if (tree.IsLeaf(node))
        {
            steps[node] = Math.Clamp(steps[node], lower, upper);
            return;
        }

        var (left, right) = tree.Children(node);
        var direction = rules.Direction(tree.FeatureOf(node));
        var middle = Math.Clamp(0.5 * (steps[left] + steps[right]), lower, upper);
        Bound(tree, rules, steps, left, direction < 0 ? middle : lower, direction > 0 ? middle : upper);
        Bound(tree, rules, steps, right, direction > 0 ? middle : lower, direction < 0 ? middle : upper);
    }
}
