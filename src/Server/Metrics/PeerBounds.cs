using System.Collections.Immutable;

namespace Gyre.Server.Metrics;

/// <summary>Buckets that other servers use.</summary>
internal static class PeerBounds
{
    /// <summary>The default ones of Prometheus' Python client, in seconds.</summary>
    public static readonly ImmutableArray<double> Python =
        [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
}
