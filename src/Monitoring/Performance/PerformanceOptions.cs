namespace Gyre.Monitoring;

/// <summary>When a realized metric counts as worse than at training. Immutable.</summary>
public sealed record PerformanceOptions
{
    /// <summary>
    /// How much worse the metric may get, as a share of its size at training: 0.1 is 10 %. 0 or more.
    /// </summary>
    public double Margin { get; init; } = 0.1;

    /// <summary>Fewer rows with an actual value than this decide nothing. At least 2.</summary>
    public int MinRows { get; init; } = 50;

    /// <summary>How sure the interval is, between 0 and 1.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>Resamples of the bootstrap.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>
    /// Rows per block of the bootstrap: errors of neighbouring requests resemble each other. Null takes the cube root
    /// of the
    /// number of rows; 1 treats rows as independent.
    /// </summary>
    public int? BlockLength { get; init; }

    /// <summary>The probability from which on the model calls a row of a binary task positive.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Draws the resamples.</summary>
    public ulong Seed { get; init; } = 1;
}
