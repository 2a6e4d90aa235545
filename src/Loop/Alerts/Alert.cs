namespace Gyre.Loop.Alerts;

/// <summary>Something that a person should look at, from when it was noticed until it is over.</summary>
/// <param name="Id">Its number, rising; 0 before it is stored.</param>
/// <param name="Model">The model.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Version">The version it is about.</param>
/// <param name="Summary">What is wrong, one line.</param>
/// <param name="OpenedAt">When it was noticed.</param>
public sealed record Alert(
    long Id, string Model, AlertKind Kind, int Version, string Summary, DateTimeOffset OpenedAt)
{
    /// <summary>When it ended; null while it is open.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>Why it ended, one line; null while it is open.</summary>
    public string? Resolution { get; init; }
}

/// <summary>The kinds of alerts.</summary>
public enum AlertKind
{
    /// <summary>A version cannot be loaded.</summary>
    ModelLoad,
}
