namespace Gyre.Tracking;

/// <summary>What is logged to a run together, in one transaction.</summary>
public sealed record RunBatch
{
    /// <summary>Points of metrics.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = [];

    /// <summary>
    /// Parameters. Written once: the same value again is accepted, another one refused. Cut at 6000 characters.
    /// </summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Tags. The last value counts. Cut at 8000 characters.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
