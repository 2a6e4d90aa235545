using System.Collections.Immutable;
using System.Globalization;
using Gyre.Serving.Traffic.Assignment;
using Gyre.Serving.Traffic.Policies;
using Gyre.Serving.Traffic.Storage;

namespace Gyre.Serving.Traffic;

/// <summary>One arm as requests meet it.</summary>
/// <param name="Choice">What a request is told.</param>
/// <param name="VersionText">Its version.</param>
/// <param name="Key">Where its counts belong.</param>
/// <param name="Counters">What this process counted.</param>
internal sealed record RoutedArm(TrafficChoice Choice, string VersionText, ArmKey Key, ArmCounters Counters);

/// <summary>A model's policy, prepared for requests. Immutable but for its counters; thread-safe.</summary>
internal sealed class RoutedModel
{
    public const string ChampionArm = "champion";
    public const string CanaryArm = "canary";

    private readonly KeyPoints _points;
    private readonly ArmChooser? _arms;
    private readonly double _share;
    private readonly TrafficChoice? _byColumn;

    private RoutedModel(TrafficRow row, ImmutableArray<RoutedArm> arms)
    {
        (Row, Arms) = (row, arms);
        _points = new KeyPoints(row.State.Salt);
        if (row.Policy.KeyColumn is { } column) _byColumn = TrafficChoice.Champion with { KeyColumn = column };
        if (row.Policy is CanaryPolicy canary) _share = canary.Steps[row.State.Step] / 100;
        if (row.Policy is AbPolicy test)
            _arms = new ArmChooser(row.State.Salt, [.. test.Arms.Select(arm => (arm.Name, arm.Weight))]);
    }

    /// <summary>The policy and where it stands.</summary>
    public TrafficRow Row { get; }

    /// <summary>The arms; of a canary the champion and the challenger, in this order.</summary>
    public ImmutableArray<RoutedArm> Arms { get; }

    /// <summary>The share of requests that are mirrored, and to which version; 0 when none are.</summary>
    public (double Sample, int Challenger) Shadow =>
        Row.Policy is ShadowPolicy shadow ? (shadow.Sample, shadow.Challenger) : default;

    /// <summary>Prepares a policy that decides about requests.</summary>
    /// <param name="row">The policy.</param>
    /// <param name="countersOf">The counters of an arm.</param>
    public static RoutedModel Create(TrafficRow row, Func<ArmKey, ArmCounters> countersOf)
    {
        var step = row.State.Step;
        return new RoutedModel(row, row.Policy switch
        {
            CanaryPolicy canary => [Champion(), Arm(CanaryArm, canary.Challenger, canary.Challenger)],
            AbPolicy test => [.. test.Arms.Select(arm => Arm(arm.Name, arm.Version, arm.Version))],
            _ => [Champion()],
        });

        RoutedArm Champion() => Arm(ChampionArm, null, row.State.Champion);

        RoutedArm Arm(string name, int? chosen, int version)
        {
            var key = new ArmKey(row.Model, row.State.Epoch, step, name);
            return new RoutedArm(new TrafficChoice(chosen, name), version.ToString(CultureInfo.InvariantCulture), key,
                countersOf(key));
        }
    }

    /// <summary>The choice for a request; where a column decides, the one for reading its inputs.</summary>
    public TrafficChoice Choose(string? key, RandomPoints random) => _byColumn ?? Deal(key, random);

    /// <summary>The choice for a request by its key, at random without one.</summary>
    public TrafficChoice Deal(string? key, RandomPoints random)
    {
        if (Arms.Length == 1) return Arms[0].Choice;
        if (_arms is not null) return Arms[key is null ? _arms.At(random.Next()) : _arms.Of(key)].Choice;
        // Below the share: whoever was in a smaller share is in each larger one.
        return Arms[(key is null ? random.Next() : _points.Of(key)) < _share ? 1 : 0].Choice;
    }

    /// <summary>Counts a request for the arm whose version answered it.</summary>
    public void Count(in TrafficObservation observation)
    {
        foreach (var arm in Arms)
        {
            if (arm.VersionText != observation.Version) continue;
            arm.Counters.Observe(observation.Outcome, observation.Latency);
            return;
        }
    }
}
