using Gyre.Numerics;

namespace Gyre.Serving.Traffic.Statistics;

/// <summary>How many observations an A/B test needs.</summary>
/// <param name="PerArm">
/// In each arm, if the test is looked at once, when all are in. Two-sided.
/// </param>
/// <param name="SequentialPerArm">
/// In each arm, at most, if the test is looked at all the time and ended as soon as it says something.
/// </param>
public sealed record SampleSizePlan(long PerArm, long SequentialPerArm)
{
    /// <summary>For shares, such as conversions or errors.</summary>
    /// <param name="baseline">The share in the control arm, in (0, 1).</param>
    /// <param name="effect">The smallest difference worth finding, absolute; its sign tells the direction.</param>
    /// <param name="power">The chance to find it, in (0, 1).</param>
    /// <param name="alpha">The chance to find a difference where there is none, in (0, 1).</param>
    /// <param name="arms">Arms, the control included; with more than two, alpha is divided (Bonferroni).</param>
    /// <remarks>
    /// n = (z₁₋α/₂ √(2p̄(1−p̄)) + z_power √(p₁(1−p₁)+p₂(1−p₂)))² / (p₂−p₁)²: Fleiss, Levin and Paik, "Statistical
    /// Methods for Rates and Proportions", 3rd edition, formula 4.14; R's power.prop.test.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static SampleSizePlan ForShares(double baseline, double effect, double power, double alpha, int arms = 2)
    {
        Check(effect, power, alpha, arms);
        CheckShare(baseline, nameof(baseline));
        CheckShare(baseline + effect, nameof(effect));
        var (first, second) = (baseline, baseline + effect);
        var mean = (first + second) / 2;
        var pooled = 2 * mean * (1 - mean);
        var own = first * (1 - first) + second * (1 - second);
        var root = Upper(alpha / (arms - 1) / 2) * Math.Sqrt(pooled) + Upper(1 - power) * Math.Sqrt(own);
        return new SampleSizePlan(
            Count(root * root / (effect * effect)), Sequential(pooled, effect, power, alpha / (arms - 1)));
    }

    /// <summary>For means, such as losses or amounts.</summary>
    /// <param name="standardDeviation">Of one observation within an arm, above 0.</param>
    /// <param name="effect">The smallest difference of means worth finding.</param>
    /// <param name="power">The chance to find it, in (0, 1).</param>
    /// <param name="alpha">The chance to find a difference where there is none, in (0, 1).</param>
    /// <param name="arms">Arms, the control included; with more than two, alpha is divided (Bonferroni).</param>
    /// <remarks>
    /// n = 2 (z₁₋α/₂ + z_power)² σ²/δ² + z²₁₋α/₂/4: the normal formula with Guenther's correction for the t-test (The
    /// American Statistician 35, 1981), which agrees with R's power.t.test to a fraction of an observation.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static SampleSizePlan ForMeans(
        double standardDeviation, double effect, double power, double alpha, int arms = 2)
    {
        Check(effect, power, alpha, arms);
        if (standardDeviation is not (> 0 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(
                nameof(standardDeviation), standardDeviation, "A standard deviation is above 0.");
        }

        var variance = 2 * standardDeviation * standardDeviation;
        var z = Upper(alpha / (arms - 1) / 2);
        var sum = z + Upper(1 - power);
        return new SampleSizePlan(
            Count(variance * sum * sum / (effect * effect) + z * z / 4),
            Sequential(variance, effect, power, alpha / (arms - 1)));
    }

    // The n at which the difference exceeds the confidence sequence's radius with the wanted probability.
    private static long Sequential(double variance, double effect, double power, double alpha)
    {
        var size = Math.Abs(effect);
        var test = new SequentialTest(alpha, size);
        var z = Upper(1 - power);
        double low = 1, high = 1;
        while (!IsEnough(high)) high *= 2;
        while (high - low > 0.5)
        {
            var middle = (low + high) / 2;
            if (IsEnough(middle)) high = middle;
            else low = middle;
        }

        return Math.Max(SequentialTest.MinimumPerArm, Count(high));

        bool IsEnough(double n) => size >= test.Radius(variance / n) + z * Math.Sqrt(variance / n);
    }

    private static double Upper(double tail) => -NormalDistribution.Quantile(tail);

    private static long Count(double exact) => (long)Math.Ceiling(exact);

    private static void Check(double effect, double power, double alpha, int arms)
    {
        CheckShare(power, nameof(power));
        CheckShare(alpha, nameof(alpha));
        ArgumentOutOfRangeException.ThrowIfLessThan(arms, 2);
        if (effect == 0 || !double.IsFinite(effect))
            throw new ArgumentOutOfRangeException(nameof(effect), effect, "An effect is a number other than 0.");
    }

    private static void CheckShare(double value, string name)
    {
        if (value is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(name, value, "A share lies between 0 and 1.");
    }
}
