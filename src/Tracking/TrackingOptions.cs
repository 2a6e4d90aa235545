namespace Gyre.Tracking;

/// <summary>How MLflow's REST API is offered.</summary>
public sealed record TrackingOptions
{
    /// <summary>
    /// Names under which the server may be asked, beside local and private addresses: a name, or <c>*.example.org</c>
    /// for all below it, or <c>*</c> for any.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Sites whose pages may change something, such as <c>https://app.example.org</c>. Default none.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];
}
