namespace Gyre.Tracking.Search;

/// <summary>A part of a search's results.</summary>
/// <param name="Items">The results in their order.</param>
/// <param name="NextPageToken">What to ask for more with; null when there are no more.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextPageToken);

/// <summary>Which lifecycle stages a search shows. The numbers are MLflow's.</summary>
internal enum ViewType
{
    ActiveOnly = 1,
    DeletedOnly = 2,
    All = 3,
}
