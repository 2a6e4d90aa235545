namespace Gyre.Tracking;

/// <summary>A row of <c>registered_models</c> with what hangs on it. Times are milliseconds since 1970 UTC.</summary>
internal sealed record ModelRecord(string Name, long? CreatedAt, long? UpdatedAt, string? Description)
{
    /// <summary>The highest version of each stage, in the order in which the stages were first used.</summary>
    public IReadOnlyList<VersionRecord> Latest { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>Alias to version, also where the version is deleted.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Aliases { get; init; } = [];
}

/// <summary>A row of <c>model_versions</c> with what hangs on it. Times are milliseconds since 1970 UTC.</summary>
internal sealed record VersionRecord(string Name, int Version)
{
    public long? CreatedAt { get; init; }

    public long? UpdatedAt { get; init; }

    public string? UserId { get; init; }

    public string? Stage { get; init; }

    public string? Description { get; init; }

    /// <summary>What the client named.</summary>
    public string? Source { get; init; }

    /// <summary>Where its files are; differs from <see cref="Source"/> for <c>models:/</c> sources.</summary>
    public string? Location { get; init; }

    public string? RunId { get; init; }

    public string? RunLink { get; init; }

    public string? Status { get; init; }

    public string? StatusMessage { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>Filled in only where one version was asked for.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];
}
