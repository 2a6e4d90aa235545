namespace Gyre.Training.Explanation;

/// <summary>
/// The way from a tree's root to one leaf. Splits by the same feature are one element: all must hold for the feature to
/// lead a row this way, and the shares of training rows that follow them are multiplied.
/// </summary>
internal sealed class LeafPath
{
    private LeafPath(double value, LeafShare[] adds, Edge[] edges, int[] features, double[] shares)
    {
        (Value, Adds, Edges, Features, Shares) = (value, adds, edges, features, shares);
        Weights = new double[features.Length];
        for (var (k, choose) = (0, 1.0); k < Weights.Length; k++)
        {
            Weights[k] = 1 / (Weights.Length * choose);
            choose *= (double)(Weights.Length - 1 - k) / (k + 1);
        }
    }

    /// <summary>The leaf's value.</summary>
    public double Value { get; }

    /// <summary>What it adds to: its value, times a factor, to each of these.</summary>
    public LeafShare[] Adds { get; }

    /// <summary>The splits on the way: inner node, whether the way goes left there, and the element it belongs
    /// to.</summary>
    public Edge[] Edges { get; }

    /// <summary>The feature of each element.</summary>
    public int[] Features { get; }

    /// <summary>The share of training rows that each element lets pass, 0 to 1.</summary>
    public double[] Shares { get; }

    /// <summary>k! (n − 1 − k)! / n! for n elements: the share of orders in which exactly k given elements come
    /// first.</summary>
    private double[] Weights { get; }

    /// <summary>The ways to all leaves of a tree that split somewhere; a lone leaf has none.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="value">The value of a leaf.</param>
    /// <param name="adds">What it adds to.</param>
    public static IEnumerable<LeafPath> Of(Tree tree, Func<int, double> value, Func<int, LeafShare[]> adds)
    {
        var way = new Stack<(int Node, Edge[] Edges)>([(0, [])]);
        while (way.TryPop(out var at))
        {
            if (tree.IsLeaf(at.Node))
            {
                if (at.Edges.Length > 0) yield return Merge(tree, value(at.Node), adds(at.Node), at.Edges);
                continue;
            }

            way.Push((tree.Right[at.Node], [.. at.Edges, new Edge(at.Node, false, 0)]));
            way.Push((tree.Left[at.Node], [.. at.Edges, new Edge(at.Node, true, 0)]));
        }
    }

    /// <summary>
    /// Adds the leaf's Shapley values for a row. With A the elements that the row passes and B the others, a feature
    /// of B contributes −v Π_B share Σ_k w_k e_k(A), e_k being the elementary symmetric polynomials of A's shares
    /// counted from the top; one of A contributes v (1 − share) Π_B share Σ_k w_k e_k(A without it).
    /// </summary>
    /// <param name="passed">Bit i: the row passes element i.</param>
    /// <param name="contributions">Filled, one per element.</param>
    /// <param name="scratch">At least 2 × (elements + 1) numbers.</param>
    public void Contribute(ReadOnlySpan<bool> passed, Span<double> contributions, Span<double> scratch)
    {
        var product = scratch[..(Features.Length + 1)];
        var rest = scratch[(Features.Length + 1)..];
        var (degree, blocked) = (0, Value);
        product[0] = 1;
        for (var i = 0; i < Shares.Length; i++)
        {
            if (passed[i]) MultiplyBy(Shares[i], product, ++degree);
            else blocked *= Shares[i];
        }

        var outside = degree < Shares.Length ? -blocked * Sum(product, degree) : 0;
        for (var i = 0; i < Shares.Length; i++)
        {
            if (!passed[i])
            {
                contributions[i] = outside;
                continue;
            }

            DivideBy(Shares[i], product, degree, rest);
            contributions[i] = blocked * (1 - Shares[i]) * Sum(rest, degree - 1);
        }
    }

    private double Sum(ReadOnlySpan<double> polynomial, int degree)
    {
        var sum = 0.0;
        for (var k = 0; k <= degree; k++) sum += Weights[k] * polynomial[k];
        return sum;
    }

    // polynomial × (share + t); its new degree is given.
    private static void MultiplyBy(double share, Span<double> polynomial, int degree)
    {
        polynomial[degree] = polynomial[degree - 1];
        for (var k = degree - 1; k > 0; k--) polynomial[k] = (polynomial[k] * share) + polynomial[k - 1];
        polynomial[0] *= share;
    }

    // polynomial / (share + t) from the top: errors are multiplied by the share, which is at most 1.
    private static void DivideBy(double share, ReadOnlySpan<double> polynomial, int degree, Span<double> quotient)
    {
        quotient[degree - 1] = polynomial[degree];
        for (var k = degree - 1; k > 0; k--) quotient[k - 1] = polynomial[k] - (share * quotient[k]);
    }

    private static LeafPath Merge(Tree tree, double value, LeafShare[] adds, Edge[] edges)
    {
        var features = new List<int>();
        var shares = new List<double>();
        for (var i = 0; i < edges.Length; i++)
        {
            var node = edges[i].Node;
            var element = features.IndexOf(tree.Feature[node]);
            if (element < 0)
            {
                element = features.Count;
                features.Add(tree.Feature[node]);
                shares.Add(1);
            }

            edges[i] = edges[i] with { Element = element };
            var child = edges[i].Left ? tree.Left[node] : tree.Right[node];
            shares[element] *= ExplainedTrees.ShareOf(tree, node, child);
        }

        return new LeafPath(value, adds, edges, [.. features], [.. shares]);
    }

    /// <summary>A split on the way.</summary>
    internal readonly record struct Edge(int Node, bool Left, int Element);
}

/// <summary>One output that a leaf adds to.</summary>
internal readonly record struct LeafShare(int Output, double Factor);
