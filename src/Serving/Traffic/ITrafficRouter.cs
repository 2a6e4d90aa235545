namespace Gyre.Serving.Traffic;

/// <summary>Who answers a request.</summary>
/// <param name="Version">The version; null for the one that is champion.</param>
/// <param name="Arm">The arm of the policy, from a closed set, such as <c>champion</c> or <c>canary</c>.</param>
/// <param name="Shadow">A version that is asked too and never answers; null for none.</param>
internal readonly record struct TrafficChoice(int? Version, string Arm, int? Shadow)
{
    /// <summary>The champion answers alone.</summary>
    public static TrafficChoice Champion => new(null, "champion", null);
}

/// <summary>Decides which version answers a request. Thread-safe; asked for every request: no locks, no allocation.</summary>
internal interface ITrafficRouter
{
    /// <summary>The choice for one request.</summary>
    /// <param name="model">The model asked for.</param>
    /// <param name="requestKey">What stays with one version, such as a user's id; null when the client gave none.</param>
    TrafficChoice Choose(string model, string? requestKey);
}

/// <summary>Every request is the champion's.</summary>
internal sealed class ChampionRouter : ITrafficRouter
{
    public TrafficChoice Choose(string model, string? requestKey) => TrafficChoice.Champion;
}
