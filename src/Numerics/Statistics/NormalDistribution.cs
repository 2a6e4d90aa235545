namespace Gyre.Numerics;

/// <summary>The standard normal distribution.</summary>
public static class NormalDistribution
{
    // Coefficients of Acklam's rational approximation to the quantile (2003), relative error below 1.15e-9 before
    // refinement.
    private static readonly double[] A =
        [-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
            -3.066479806614716e+01, 2.506628277459239e+00];

    private static readonly double[] B =
        [-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
            -1.328068155288572e+01, 1];

    private static readonly double[] C =
        [-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
            4.374664141464968e+00, 2.938163982698783e+00];

    private static readonly double[] D =
        [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1];

    /// <summary>The density at x.</summary>
    public static double Density(double x) => Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);

    /// <summary>The probability of a value up to x. Relative error below 1e-12 (series near 0, continued fraction in
    /// the tails).</summary>
    public static double Cumulative(double x)
    {
        if (double.IsNaN(x)) return x;
        var z = Math.Abs(x);
        var upper = z < 3 ? 0.5 - CentralArea(z) : UpperTail(z);
        return x > 0 ? 1 - upper : upper;
    }

    /// <summary>The value below which a share of the distribution lies (Acklam's approximation and one Halley
    /// step).</summary>
    /// <param name="probability">The share, 0 to 1; 0 and 1 give the infinities.</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is outside 0 to 1.</exception>
    public static double Quantile(double probability)
    {
        if (probability is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability is 0 to 1.");
        if (probability == 0) return double.NegativeInfinity;
        if (probability == 1) return double.PositiveInfinity;
        if (probability > 0.5) return -Quantile(1 - probability);
        var x = Approximate(probability);
        var step = (Cumulative(x) - probability) / Density(x);
        return x - (step / (1 + (x * step / 2)));
    }

    private static double Approximate(double p)
    {
        if (p < 0.02425)
        {
            var q = Math.Sqrt(-2 * Math.Log(p));
            return Polynomial(C, q) / Polynomial(D, q);
        }

        var r = (p - 0.5) * (p - 0.5);
        return (p - 0.5) * Polynomial(A, r) / Polynomial(B, r);
    }

    private static double Polynomial(double[] coefficients, double x)
    {
        var value = 0.0;
        foreach (var c in coefficients) value = (value * x) + c;
        return value;
    }

    // The area from 0 to z: density × (z + z³/3 + z⁵/15 + …), Abramowitz and Stegun 26.2.11.
    private static double CentralArea(double z)
    {
        double term = z, sum = z;
        for (var k = 1; k < 200 && term > sum * 1e-17; k++)
        {
            term *= z * z / ((2 * k) + 1);
            sum += term;
        }

        return sum * Density(z);
    }

    // The area above z by its continued fraction, Abramowitz and Stegun 26.2.14.
    private static double UpperTail(double z)
    {
        var fraction = z;
        for (var k = 160; k >= 1; k--) fraction = z + (k / fraction);
        return Density(z) / fraction;
    }
}
