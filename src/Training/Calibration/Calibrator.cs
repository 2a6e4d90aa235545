using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>Turns the probability that a model gives into one that comes true as often as it says. Rising; immutable;
/// thread-safe.</summary>
public abstract record Calibrator
{
    private protected Calibrator()
    {
    }

    /// <summary>The calibrated probability.</summary>
    /// <param name="probability">0 to 1.</param>
    public abstract double Apply(double probability);
}

/// <summary>
/// P = 1 / (1 + e^−(slope × log-odds + intercept)), the log-odds of a probability kept within <see cref="Clip"/> of 0 and 1
/// (Platt 1999, over log-odds).
/// </summary>
/// <param name="Slope">Above 0; below 1 where the model is too sure.</param>
/// <param name="Intercept">Above 0 where probabilities are too low.</param>
public sealed record PlattCalibrator(float Slope, float Intercept) : Calibrator
{
    /// <summary>How near to 0 and 1 probabilities may come.</summary>
    public const double Clip = 1e-12;

    /// <inheritdoc/>
    public override double Apply(double probability) => 1 / (1 + Math.Exp(-((Slope * LogOdds(probability)) + Intercept)));

    internal static double LogOdds(double probability)
    {
        var p = Math.Clamp(probability, Clip, 1 - Clip);
        return Math.Log(p) - Math.Log(1 - p);
    }
}

/// <summary>
/// Straight lines between knots, level beyond the outer ones. The knots are the means of the blocks of an isotonic
/// regression (Zadrozny and Elkan 2002): equal probabilities appear only where the model gave equal ones.
/// </summary>
/// <param name="Given">The knots' model probabilities, strictly ascending; at least one.</param>
/// <param name="True">The knots' calibrated probabilities, ascending, within 0 and 1; as many.</param>
public sealed record IsotonicCalibrator(ImmutableArray<float> Given, ImmutableArray<float> True) : Calibrator
{
    /// <inheritdoc/>
    public override double Apply(double probability)
    {
        double value = True[0];
        for (var i = 0; i + 1 < Given.Length; i++)
            value += Slope(i) * (Math.Clamp(probability, Given[i], Given[i + 1]) - Given[i]);
        return value;
    }

    /// <summary>The slope behind knot i.</summary>
    public double Slope(int i) => ((double)True[i + 1] - True[i]) / ((double)Given[i + 1] - Given[i]);
}
