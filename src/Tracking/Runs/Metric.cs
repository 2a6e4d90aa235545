namespace Gyre.Tracking;

/// <summary>
/// One point of a metric. NaN is kept; an infinity comes back as ±<see cref="double.MaxValue"/>, as in MLflow.
/// </summary>
/// <param name="Key">Its name: at most 250 letters, digits, <c>_ / . - :</c> and spaces.</param>
/// <param name="Value">The value.</param>
/// <param name="Step">The position on the run's own axis (iteration, epoch), may be negative.</param>
/// <param name="Timestamp">When it was measured; the store's clock when null. Kept to the millisecond.</param>
public sealed record Metric(string Key, double Value, long Step = 0, DateTimeOffset? Timestamp = null);
