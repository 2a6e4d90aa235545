using System.Collections.Frozen;
using Gyre.Serving.Traffic.Assignment;
using Gyre.Serving.Traffic.Shadow;

namespace Gyre.Serving.Traffic;

/// <summary>Routes by a snapshot of all policies, which is swapped whole. Thread-safe, without locks.</summary>
/// <param name="mirror">Asks shadows.</param>
/// <param name="random">Places for requests without a key.</param>
internal sealed class TrafficRouter(ShadowMirror mirror, RandomPoints random) : ITrafficRouter
{
    private volatile FrozenDictionary<string, RoutedModel> _models = FrozenDictionary<string, RoutedModel>.Empty;

    /// <summary>The models whose policy decides about requests.</summary>
    public FrozenDictionary<string, RoutedModel> Models
    {
        get => _models;
        set => _models = value;
    }

    public TrafficChoice Choose(string model, string? requestKey) =>
        _models.TryGetValue(model, out var routed) ? routed.Choose(requestKey, random) : TrafficChoice.Champion;

    public TrafficChoice ChooseByColumn(string model, string? key) =>
        _models.TryGetValue(model, out var routed) ? routed.Deal(key, random) : TrafficChoice.Champion;

    public void Observe(in TrafficObservation observation)
    {
        if (!_models.TryGetValue(observation.Model, out var routed)) return;
        routed.Count(observation);
        var (sample, challenger) = routed.Shadow;
        if (challenger == 0 || observation.Outputs is null || observation.Version != routed.Arms[0].VersionText) return;
        if (sample >= 1 || random.Next() < sample) mirror.Offer(routed.Row, challenger, observation);
    }
}
