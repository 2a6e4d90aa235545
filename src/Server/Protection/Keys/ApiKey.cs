namespace Gyre.Server.Protection.Keys;

/// <summary>A key as it is known after it was made: without its secret.</summary>
public sealed record ApiKey
{
    /// <summary>The part of the key that is no secret, 16 characters.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it; unique among the keys that work.</summary>
    public required string Name { get; init; }

    /// <summary>What it may be used for.</summary>
    public required Scopes Scopes { get; init; }

    /// <summary>The models that predictions may be asked of; null for all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>How fast it may be used; null without a limit.</summary>
    public RateLimit? Rate { get; init; }

    /// <summary>How often it may be used; null without a limit.</summary>
    public Quota? Quota { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when it no longer works, UTC; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was revoked, UTC; null when it was not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Whether it works at a time.</summary>
    public bool WorksAt(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}

/// <summary>A key that was just made or rotated.</summary>
/// <param name="Key">What is stored of it.</param>
/// <param name="Text">The whole key with its secret: only now can it be had.</param>
public sealed record IssuedKey(ApiKey Key, string Text);
