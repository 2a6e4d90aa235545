using Gyre.Serving.Traffic.Statistics;

namespace Gyre.Serving.Traffic.Canary;

/// <summary>What one arm did. Two add up.</summary>
/// <param name="Requests">Requests that were answered, failed or were refused.</param>
/// <param name="Failed">Of these, failed on our side.</param>
/// <param name="Refused">Of these, refused for what the client sent.</param>
/// <param name="Latency">How long the answers took.</param>
internal sealed record ArmCounts(long Requests, long Failed, long Refused, LatencyHistogram Latency)
{
    public static ArmCounts Empty { get; } = new(0, 0, 0, LatencyHistogram.Empty);

    public ArmCounts Add(ArmCounts other) => new(
        Requests + other.Requests, Failed + other.Failed, Refused + other.Refused, Latency.Add(other.Latency));
}

/// <summary>What the arms' outcomes say, where there is feedback.</summary>
/// <param name="Metric">The loss.</param>
/// <param name="Champion">The champion's losses.</param>
/// <param name="Challenger">The challenger's losses.</param>
internal sealed record LossEvidence(string Metric, RunningMoments Champion, RunningMoments Challenger);

/// <summary>What a decision about a canary rests on.</summary>
/// <param name="Champion">The champion in this step; in the last, where it gets no requests, in those before.</param>
/// <param name="Challenger">The challenger in this step.</param>
/// <param name="Share">The challenger's share of the requests that the policy gives it, in (0, 1].</param>
/// <param name="Losses">Since the canary began; null without feedback.</param>
internal sealed record CanaryEvidence(ArmCounts Champion, ArmCounts Challenger, double Share, LossEvidence? Losses);

/// <summary>What is to be done with a canary.</summary>
internal enum CanaryAction
{
    /// <summary>Nothing yet.</summary>
    Wait,

    /// <summary>The next share.</summary>
    Advance,

    /// <summary>The challenger becomes champion.</summary>
    Finish,

    /// <summary>The challenger gets no requests any more.</summary>
    RollBack,
}

/// <summary>A decision and its reason.</summary>
internal readonly record struct CanaryDecision(CanaryAction Action, string Reason);
