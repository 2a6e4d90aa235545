using Gyre.Serving.Traffic.Outcomes;
using Gyre.Serving.Traffic.Policies;
using Gyre.Serving.Traffic.Statistics;

namespace Gyre.Serving.Traffic;

/// <summary>An arm compared with the control.</summary>
/// <param name="Arm">The arm.</param>
/// <param name="Result">The test.</param>
/// <param name="Verdict"><c>better</c>, <c>worse</c> or <c>undecided</c>.</param>
internal sealed record ArmVerdict(AbArm Arm, SequentialResult Result, string Verdict);

/// <summary>Compares the arms of a test with its first, as often as one likes.</summary>
internal static class AbJudge
{
    public const string Undecided = "undecided";

    /// <summary>One verdict per arm but the control.</summary>
    /// <param name="policy">The test.</param>
    /// <param name="outcomes">What the arms' predictions came to.</param>
    public static IReadOnlyList<ArmVerdict> Compare(AbPolicy policy, Outcomes.Outcomes outcomes)
    {
        var control = outcomes.Of(policy.Arms[0].Version);
        // Bonferroni: each comparison may err with its part of the whole.
        var alpha = policy.Alpha / (policy.Arms.Length - 1);
        return [.. policy.Arms.Skip(1).Select(arm => Compare(arm, control, outcomes.Of(arm.Version)))];

        ArmVerdict Compare(AbArm arm, RunningMoments first, RunningMoments second)
        {
            var scale = policy.Effect ?? Scale(first, second);
            if (!(scale > 0)) return new ArmVerdict(arm, default(SequentialResult) with { PValue = 1 }, Undecided);
            var result = new SequentialTest(alpha, scale).Compare(first, second);
            if (result.PValue > alpha) return new ArmVerdict(arm, result, Undecided);
            var more = result.Difference > 0;
            return new ArmVerdict(arm, result, more == OutcomeMetric.IsGain(outcomes.Metric) ? "better" : "worse");
        }
    }

    // Without a planned effect: a fifth of the spread, a small effect in Cohen's words.
    private static double Scale(RunningMoments first, RunningMoments second) =>
        Math.Sqrt(first.Add(second).Variance) / 5;
}
