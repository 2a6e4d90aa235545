namespace Gyre.Tracking;

/// <summary>How MLflow's REST API is offered.</summary>
public sealed record TrackingOptions
{
    /// <summary>
    /// Names under which the server may be asked, beside local and private addresses: a name, or <c>*.example.org</c>
    /// for all below it, or <c>*</c> for any.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];
}
