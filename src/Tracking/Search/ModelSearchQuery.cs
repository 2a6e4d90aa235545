namespace Gyre.Tracking.Search;

/// <summary>What registered models or their versions are searched by.</summary>
internal sealed record ModelSearchQuery
{
    public string? Filter { get; init; }

    public int MaxResults { get; init; } = 100;

    public IReadOnlyList<string> OrderBy { get; init; } = [];

    public string? PageToken { get; init; }
}
