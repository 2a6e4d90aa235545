namespace Gyre.Numerics;

/// <summary>
/// Whether two classifiers err equally often on the same rows (McNemar 1947), judged by the rows that only one of them gets
/// right.
/// </summary>
/// <param name="OnlyFirst">Rows that only the first gets right.</param>
/// <param name="OnlySecond">Rows that only the second gets right.</param>
/// <param name="ExactProbability">The two-sided p-value by the binomial distribution.</param>
/// <param name="Statistic">χ² with one degree of freedom and Edwards' continuity correction, (|b − c| − 1)² / (b + c).</param>
/// <param name="ChiSquaredProbability">Its p-value; good from about 25 such rows on.</param>
public sealed record McNemar(
    int OnlyFirst, int OnlySecond, double ExactProbability, double Statistic, double ChiSquaredProbability)
{
    /// <summary>Tests by the counts.</summary>
    public static McNemar Of(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        var rows = onlyFirst + onlySecond;
        if (rows == 0) return new McNemar(0, 0, 1, 0, 1);
        var excess = Math.Max(Math.Abs(onlyFirst - onlySecond) - 1, 0);
        var statistic = (double)excess * excess / rows;
        return new McNemar(onlyFirst, onlySecond, Exact(Math.Min(onlyFirst, onlySecond), rows), statistic,
            Math.Min(1, 2 * NormalDistribution.Cumulative(-Math.Sqrt(statistic))));
    }

    // 2 P(X ≤ k) of a fair coin, its terms from k down by ratios of binomial coefficients.
    private static double Exact(int k, int n)
    {
        var log = -n * Math.Log(2);
        for (var i = 1; i <= k; i++) log += Math.Log((double)(n - k + i) / i);
        double term = 1, sum = 0;
        for (var i = k; i >= 0 && term > 1e-18 * sum; i--)
        {
            sum += term;
            term *= (double)i / (n - i + 1);
        }

        return Math.Min(1, 2 * Math.Exp(log) * sum);
    }
}
