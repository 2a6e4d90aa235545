namespace Gyre.Training.Boosting;

/// <summary>A way to part a node's rows.</summary>
internal struct SplitCandidate
{
    /// <summary>The gain in loss; not above 0 when there is no way.</summary>
    public double Gain;

    public int Feature;

    /// <summary>The last bin that goes left; −1 for a categorical split.</summary>
    public int Bin;

    /// <summary>Whether missing values go left.</summary>
    public bool MissingLeft;

    /// <summary>The bins that go left, the missing one included when it does.</summary>
    public BinSet Left;

    /// <summary>Sums of gradients and hessians that go left.</summary>
    public double LeftGradient, LeftHessian;

    public readonly bool Exists => Gain > 0;
}
