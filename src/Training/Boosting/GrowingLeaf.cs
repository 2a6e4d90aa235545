namespace Gyre.Training.Boosting;

/// <summary>A leaf of a growing tree: a run of the grower's rows, the sums over it, and its best split.</summary>
internal sealed class GrowingLeaf
{
    public int Node, Start, Count, Rows, Depth;
    public double Gradient, Hessian, Lower, Upper;
    public double[]? Histogram, Counts;
    public SplitCandidate Split;

    /// <summary>The features that the leaf may be split on; null for all.</summary>
    public bool[]? Allowed;

    public LeafSums Sums => new(Gradient, Hessian, Rows, Lower, Upper);
}
