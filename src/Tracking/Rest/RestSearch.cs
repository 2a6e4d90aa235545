using Gyre.Tracking.Search;

namespace Gyre.Tracking.Rest;

/// <summary>The fields that searches share.</summary>
internal static class RestSearch
{
    /// <summary>The most results that a page of runs or experiments may have.</summary>
    public const int MostResults = 50_000;

    /// <summary>Which lifecycle stages are asked for; the active ones when absent.</summary>
    public static ViewType ViewTypeOf(RequestFields fields, string name) =>
        fields.Enum(name, RestEnums.ViewType) is { } text ? (ViewType)RestEnums.ViewType[text] : ViewType.ActiveOnly;

    /// <summary>How many results are asked for.</summary>
    /// <param name="fields">The request.</param>
    /// <param name="absent">What counts when the field is absent; 0 is refused.</param>
    /// <param name="most">The most that may be asked for.</param>
    /// <exception cref="RestException">It is not between 1 and <paramref name="most"/>.</exception>
    public static int MaxResultsOf(RequestFields fields, int absent, int most = MostResults)
    {
        var asked = fields.Int64("max_results") ?? absent;
        return asked >= 1 && asked <= most
            ? (int)asked
            : throw RestException.Parameter(
                $"Invalid value {asked} for parameter 'max_results' supplied: It must be at most {most} and at least "
                + "1.");
    }
}
