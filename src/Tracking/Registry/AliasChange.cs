namespace Gyre.Tracking;

/// <summary>Why an alias moved.</summary>
public enum AliasChangeKind
{
    /// <summary>It was pointed at a version: a promotion.</summary>
    Set,

    /// <summary>It was moved back to the version it pointed at before.</summary>
    Rollback,

    /// <summary>It was taken away.</summary>
    Remove,
}

/// <summary>One move of an alias, as the history keeps it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Alias">The alias, such as <see cref="ModelAliases.Champion"/>.</param>
/// <param name="Kind">Why it moved.</param>
/// <param name="FromVersion">Where it pointed before; null when it did not exist.</param>
/// <param name="ToVersion">Where it points now; null when it was removed.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Who or what decided it, for people.</param>
public sealed record AliasChange(
    string Model,
    string Alias,
    AliasChangeKind Kind,
    int? FromVersion,
    int? ToVersion,
    DateTimeOffset At,
    string Reason);

/// <summary>Aliases that Gyre gives a meaning.</summary>
public static class ModelAliases
{
    /// <summary>The version that is served.</summary>
    public const string Champion = "champion";

    /// <summary>The version that awaits its promotion.</summary>
    public const string Challenger = "challenger";
}
