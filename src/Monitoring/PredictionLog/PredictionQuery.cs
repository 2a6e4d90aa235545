namespace Gyre.Monitoring;

/// <summary>Which logged predictions to read.</summary>
/// <param name="Model">The model.</param>
/// <param name="From">Requests from this time on, to the millisecond.</param>
/// <param name="To">Requests before this time.</param>
public sealed record PredictionQuery(string Model, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>Only this version of the model; every version when null.</summary>
    public int? Version { get; init; }

    /// <summary>Only predictions whose actual value is known.</summary>
    public bool OnlyWithActual { get; init; }

    /// <summary>At most this many, the newest of the window, 1 or more; all when null.</summary>
    public int? Limit { get; init; }
}
