using Gyre.Numerics;

namespace Gyre.Monitoring;

/// <summary>A realized metric against the metric at training.</summary>
/// <param name="Metric">The metric's name.</param>
/// <param name="Rows">The rows with a known actual value.</param>
/// <param name="Value">The metric over these rows; NaN where it is not defined.</param>
/// <param name="Interval">Its bootstrap interval; NaN ends where it is not defined.</param>
/// <param name="AtTraining">The metric on held-out rows at training.</param>
/// <param name="Limit">The value beyond which the metric is worse by more than the margin.</param>
/// <param name="IsSufficient">Whether there were enough rows to decide.</param>
/// <param name="IsWorse">Whether even the near end of the interval is beyond the limit.</param>
public sealed record PerformanceReport(
    string Metric,
    int Rows,
    double Value,
    ConfidenceInterval Interval,
    double AtTraining,
    double Limit,
    bool IsSufficient,
    bool IsWorse);
