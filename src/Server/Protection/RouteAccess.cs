using Gyre.Server.Protection.Keys;

namespace Gyre.Server.Protection;

/// <summary>What a route demands of its callers.</summary>
internal sealed record RouteAccess
{
    /// <summary>Whether everybody may ask, from anywhere.</summary>
    public bool IsOpen { get; init; }

    /// <summary>What a key must be good for; none: any valid key will do.</summary>
    public Scopes Scopes { get; init; }

    /// <summary>Whether it asks a model for predictions, to which keys can be restricted.</summary>
    public bool IsPrediction { get; init; }

    /// <summary>Whether a JSON body says which model is changed.</summary>
    public bool NamesModelInBody { get; init; }

    /// <summary>Whether the audit log tells of it.</summary>
    public bool IsAudited { get; init; }

    /// <summary>The route's pattern as it was mapped.</summary>
    public string Route { get; init; } = "";

    /// <summary>
    /// Whether the table knows the route; of one that it does not know, only an administrator may ask.
    /// </summary>
    public bool IsListed { get; init; } = true;
}
