namespace Gyre.Numerics;

/// <summary>An interval that covers the true value with a stated probability.</summary>
/// <param name="Lower">The lower end.</param>
/// <param name="Upper">The upper end.</param>
/// <param name="Level">The probability, such as 0.95.</param>
public readonly record struct ConfidenceInterval(double Lower, double Upper, double Level)
{
    /// <summary>Whether a value lies inside, ends included.</summary>
    public bool Contains(double value) => value >= Lower && value <= Upper;
}
