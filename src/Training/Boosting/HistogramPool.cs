namespace Gyre.Training.Boosting;

/// <summary>Histograms that leaves no longer need, for other leaves. Thread-safe.</summary>
internal sealed class HistogramPool(int length)
{
    private readonly Stack<double[]> _spare = new();

    public double[] Rent()
    {
        lock (_spare)
        {
            if (_spare.TryPop(out var histogram)) return histogram;
        }

        return new double[length];
    }

    /// <summary>Takes a leaf's histograms back.</summary>
    public void Return(GrowingLeaf leaf)
    {
        lock (_spare)
        {
            if (leaf.Histogram is not null) _spare.Push(leaf.Histogram);
            if (leaf.Counts is not null) _spare.Push(leaf.Counts);
        }

        leaf.Histogram = leaf.Counts = null;
    }
}
