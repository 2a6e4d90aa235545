using System.Globalization;
using Gyre.Serving.Traffic.Outcomes;
using Gyre.Serving.Traffic.Policies;
using Gyre.Serving.Traffic.Statistics;

namespace Gyre.Serving.Traffic.Canary;

/// <summary>
/// Decides about a canary from what its arms did. May be asked as often as one likes: every guard is a test that stays
/// valid under peeking, and a guard holds only where the observed difference also exceeds what the policy allows.
/// </summary>
internal static class CanaryJudge
{
    /// <summary>A tail of this share decides about latency.</summary>
    public const double LatencyTail = 0.01;

    // A difference that no client sees is no reason, whatever its ratio.
    private static readonly TimeSpan LatencySlack = TimeSpan.FromMilliseconds(1);

    /// <summary>The decision now.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="step">The index of the present step.</param>
    /// <param name="paused">Whether steps are held back; guards are not.</param>
    /// <param name="inStep">Time since the step began.</param>
    /// <param name="evidence">What the arms did.</param>
    public static CanaryDecision Decide(
        CanaryPolicy policy, int step, bool paused, TimeSpan inStep, CanaryEvidence evidence)
    {
        if (Harm(policy.Guards, evidence) is { } harm) return new CanaryDecision(CanaryAction.RollBack, harm);
        if (paused) return Wait("paused");
        if (Missing(policy, evidence) is { } missing)
        {
            return inStep < policy.MaximumDuration ? Wait(missing) : new CanaryDecision(CanaryAction.RollBack,
                $"{missing} after {PolicyDuration.Format(policy.MaximumDuration)}: too little to judge by");
        }

        if (inStep < policy.MinimumDuration)
            return Wait($"{Rounded(inStep)} of {PolicyDuration.Format(policy.MinimumDuration)}");
        return step == policy.Steps.Length - 1
            ? new CanaryDecision(CanaryAction.Finish, "no guard objected in the last step")
            : new CanaryDecision(CanaryAction.Advance, "no guard objected");
    }

    /// <summary>What speaks against the challenger, or null.</summary>
    public static string? Harm(CanaryGuards guards, CanaryEvidence evidence) =>
        Counted("failed", guards, evidence, arm => arm.Failed)
        ?? Counted("were refused", guards, evidence, arm => arm.Refused)
        ?? Slower(guards, evidence)
        ?? Worse(guards, evidence.Losses);

    private static string? Counted(
        string what, CanaryGuards guards, CanaryEvidence evidence, Func<ArmCounts, long> count)
    {
        var (champion, challenger) = (evidence.Champion, evidence.Challenger);
        var (before, now) = (Share(count(champion), champion.Requests), Share(count(challenger), challenger.Requests));
        if (now - before <= guards.Errors) return null;
        // The share it got, should keys have given it more than the policy meant.
        var got = Share(challenger.Requests, challenger.Requests + champion.Requests);
        var share = Math.Clamp(evidence.Share < 1 ? Math.Max(evidence.Share, got) : got, 1e-6, 1 - 1e-6);
        // Without a champion's failure to compare with, its requests tell how rare failures are.
        var p = champion.Requests == 0
            ? SequentialCount.PValue(count(challenger), challenger.Requests, Math.Max(guards.Errors, 1e-4))
            : SequentialCount.PValueOfMore(count(challenger), count(champion), share);
        return p >= guards.Alpha ? null : string.Create(CultureInfo.InvariantCulture,
            $"{now:P2} of the challenger's {challenger.Requests} requests {what}, {before:P2} of the champion's "
            + $"{champion.Requests} (p = {p:0.#e0})");
    }

    private static string? Slower(CanaryGuards guards, CanaryEvidence evidence)
    {
        if (evidence.Champion.Latency.Total < 1 / LatencyTail) return null;
        if (evidence.Champion.Latency.Quantile(1 - LatencyTail) is not { } before
            || evidence.Challenger.Latency.Quantile(1 - LatencyTail) is not { } now) return null;
        var limit = before * guards.Latency + LatencySlack;
        if (now <= limit) return null;
        var p = SequentialCount.PValue(
            evidence.Challenger.Latency.Above(limit), evidence.Challenger.Latency.Total, LatencyTail);
        return p >= guards.Alpha ? null : string.Create(CultureInfo.InvariantCulture,
            $"the challenger's 99th percentile is {now.TotalMilliseconds:0.##} ms, the champion's "
            + $"{before.TotalMilliseconds:0.##} ms (p = {p:0.#e0})");
    }

    private static string? Worse(CanaryGuards guards, LossEvidence? losses)
    {
        if (losses is null) return null;
        var sign = OutcomeMetric.IsGain(losses.Metric) ? -1 : 1;
        var scale = Math.Sqrt(losses.Champion.Add(losses.Challenger).Variance);
        if (!(scale > 0)) return null;
        var result = new SequentialTest(guards.Alpha, scale / 5).Compare(losses.Champion, losses.Challenger);
        var allowed = guards.MetricWorse * Math.Abs(losses.Champion.Mean);
        if (sign * result.Difference <= allowed || result.PValue >= guards.Alpha) return null;
        return string.Create(CultureInfo.InvariantCulture,
            $"the challenger's {losses.Metric} is {losses.Challenger.Mean:0.####} over {losses.Challenger.Count} rows, "
            + $"the champion's {losses.Champion.Mean:0.####} over {losses.Champion.Count} (p = {result.PValue:0.#e0})");
    }

    private static string? Missing(CanaryPolicy policy, CanaryEvidence evidence)
    {
        if (evidence.Challenger.Requests < policy.MinimumRequests)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"{evidence.Challenger.Requests} of {policy.MinimumRequests} requests");
        }

        var known = Math.Min(evidence.Losses?.Champion.Count ?? 0, evidence.Losses?.Challenger.Count ?? 0);
        return known >= policy.Guards.MinimumFeedback ? null : string.Create(CultureInfo.InvariantCulture,
            $"{known} of {policy.Guards.MinimumFeedback} rows with feedback");
    }

    private static CanaryDecision Wait(string reason) => new(CanaryAction.Wait, reason);

    private static string Rounded(TimeSpan time) =>
        PolicyDuration.Format(TimeSpan.FromSeconds((long)time.TotalSeconds));

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
