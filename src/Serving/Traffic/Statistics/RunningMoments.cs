namespace Gyre.Serving.Traffic.Statistics;

/// <summary>
/// Count, mean and squared deviations of numbers that come one by one; two of them add up to that of all numbers
/// (Chan, Golub and LeVeque 1983), so that servers count apart and are read together.
/// </summary>
/// <param name="Count">How many numbers.</param>
/// <param name="Mean">Their mean; 0 without any.</param>
/// <param name="SquaredDeviations">The sum of squared deviations from the mean.</param>
internal readonly record struct RunningMoments(long Count, double Mean, double SquaredDeviations)
{
    /// <summary>The variance of a sample; NaN below two numbers.</summary>
    public double Variance => Count > 1 ? SquaredDeviations / (Count - 1) : double.NaN;

    /// <summary>These and one more number.</summary>
    public RunningMoments Add(double value)
    {
        var count = Count + 1;
        var delta = value - Mean;
        var mean = Mean + delta / count;
        return new RunningMoments(count, mean, SquaredDeviations + delta * (value - mean));
    }

    /// <summary>These and the others.</summary>
    public RunningMoments Add(RunningMoments other)
    {
        if (other.Count == 0) return this;
        if (Count == 0) return other;
        var count = Count + other.Count;
        var delta = other.Mean - Mean;
        return new RunningMoments(count, Mean + delta * other.Count / count,
            SquaredDeviations + other.SquaredDeviations + delta * delta * Count * other.Count / count);
    }
}
