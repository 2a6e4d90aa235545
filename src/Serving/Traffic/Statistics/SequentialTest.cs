namespace Gyre.Serving.Traffic.Statistics;

/// <summary>What a test says at this moment, and may be read at any moment.</summary>
/// <param name="Difference">The mean of the treatment less that of the control.</param>
/// <param name="Lower">The lower end of the confidence sequence.</param>
/// <param name="Upper">The upper end.</param>
/// <param name="PValue">The always-valid p-value.</param>
internal readonly record struct SequentialResult(double Difference, double Lower, double Upper, double PValue);

/// <summary>
/// Compares two means while the numbers still come in, as often as one likes: the mixture sequential probability ratio
/// test with a normal mixture, its always-valid p-value and confidence sequence (Johari, Koomen, Pekelis and Walsh,
/// "Always valid inference", Operations Research 2022, section 4). Were the arms alike, the chance that the p-value
/// <em>ever</em> falls to alpha is at most alpha. The variances are estimated, so this holds for sums of enough numbers
/// (Waudby-Smith et al., "Time-uniform central limit theory", 2024): below <see cref="MinimumPerArm"/> numbers in an
/// arm nothing is said. Immutable.
/// </summary>
/// <param name="Alpha">The chance of a false alarm over the whole test, in (0, 1).</param>
/// <param name="MixtureSd">
/// The standard deviation of the mixture, above 0: differences of about this size are found soonest.
/// </param>
internal readonly record struct SequentialTest(double Alpha, double MixtureSd)
{
    /// <summary>Fewer numbers than this in an arm say nothing.</summary>
    public const int MinimumPerArm = 50;

    /// <summary>What is known of "treatment − control".</summary>
    public SequentialResult Compare(RunningMoments control, RunningMoments treatment)
    {
        var difference = treatment.Mean - control.Mean;
        var variance = VarianceOfDifference(control, treatment);
        if (Math.Min(control.Count, treatment.Count) < MinimumPerArm || !(variance > 0))
            return new SequentialResult(difference, double.NegativeInfinity, double.PositiveInfinity, 1);
        var radius = Radius(variance);
        return new SequentialResult(difference, difference - radius, difference + radius, PValue(difference, variance));
    }

    /// <summary>Half the width of the confidence sequence where the difference's variance is this.</summary>
    public double Radius(double variance)
    {
        var mixture = MixtureSd * MixtureSd;
        var sum = variance + mixture;
        return Math.Sqrt(2 * variance * sum / mixture * (0.5 * Math.Log(sum / variance) - Math.Log(Alpha)));
    }

    // 1/Λ, with Λ = √(V/(V+τ²)) exp(τ²θ²/(2V(V+τ²))).
    private double PValue(double difference, double variance)
    {
        var mixture = MixtureSd * MixtureSd;
        var sum = variance + mixture;
        var logRatio = 0.5 * Math.Log(variance / sum) + mixture * difference * difference / (2 * variance * sum);
        return Math.Min(1, Math.Exp(-logRatio));
    }

    // About the common mean, as a score test does: an arm that has seen only equal numbers has no variance of its own.
    private static double VarianceOfDifference(RunningMoments control, RunningMoments treatment)
    {
        var all = control.Add(treatment);
        return all.Variance * (1.0 / control.Count + 1.0 / treatment.Count);
    }
}
