using Gyre.Serving.Traffic.Outcomes;
using Gyre.Serving.Traffic.Policies;
using Gyre.Serving.Traffic.Storage;

namespace Gyre.Serving.Traffic.Canary;

/// <summary>Gathers what all servers counted and what feedback tells. Thread-safe.</summary>
internal sealed class EvidenceReader(ArmStore arms, OutcomeReader outcomes)
{
    /// <summary>What a decision about a canary rests on now.</summary>
    public CanaryEvidence Of(TrafficRow row, CanaryPolicy policy)
    {
        var counts = arms.Read(row.Model, row.State.Epoch);
        var share = policy.Steps[row.State.Step] / 100;
        // At 100 % the champion gets nothing: then what it did before is the measure.
        var champion = Sum(counts, key => key.Arm == RoutedModel.ChampionArm
            && (share < 1 ? key.Step == row.State.Step : key.Step < row.State.Step));
        var challenger = Sum(counts, key => key.Arm == RoutedModel.CanaryArm && key.Step == row.State.Step);
        var known = Outcomes(row, policy.Guards.Metric);
        return new CanaryEvidence(champion, challenger, share, known is null ? null
            : new LossEvidence(known.Metric, known.Of(row.State.Champion), known.Of(policy.Challenger)));
    }

    /// <summary>What each arm did since the policy was set.</summary>
    public ArmCounts Of(TrafficRow row, string arm) =>
        Sum(arms.Read(row.Model, row.State.Epoch), key => key.Arm == arm);

    /// <summary>What its predictions came to; null without feedback.</summary>
    public Outcomes.Outcomes? Outcomes(TrafficRow row, string? metric) =>
        outcomes.Read(row.Model, row.State.Since, metric);

    private static ArmCounts Sum(
        IReadOnlyList<(ArmKey Key, ArmCounts Counts)> counts, Func<ArmKey, bool> included) =>
        counts.Where(pair => included(pair.Key)).Aggregate(ArmCounts.Empty, (sum, next) => sum.Add(next.Counts));
}
