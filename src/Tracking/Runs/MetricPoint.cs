namespace Gyre.Tracking;

/// <summary>One point of a metric as it is stored.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">The value; may be NaN or infinite.</param>
/// <param name="Timestamp">Milliseconds since 1970 UTC.</param>
/// <param name="Step">The position on the run's own axis.</param>
/// <param name="Model">The logged model that it measures, if any.</param>
internal readonly record struct MetricPoint(
    string Key, double Value, long Timestamp, long Step, MeasuredModel? Model = null)
{
    public bool IsNan => double.IsNaN(Value);

    /// <summary>The value as MLflow stores it: 0 for NaN, the greatest number for infinity.</summary>
    public double Stored => IsNan ? 0 : Math.Clamp(Value, double.MinValue, double.MaxValue);

    /// <summary>
    /// Whether this point is a later one than another of its metric: by step, timestamp, stored value.
    /// </summary>
    public bool IsAfter(in MetricPoint other) =>
        (Step, Timestamp, Stored).CompareTo((other.Step, other.Timestamp, other.Stored)) > 0;
}

/// <summary>What a metric of a logged model was measured on.</summary>
internal sealed record MeasuredModel(string ModelId, string? DatasetName, string? DatasetDigest);
