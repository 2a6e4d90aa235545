using System.Globalization;
using Gyre.Serving.Traffic.Canary;
using Gyre.Serving.Traffic.Policies;
using Gyre.Serving.Traffic.Storage;

namespace Gyre.Serving.Traffic;

/// <summary>
/// Takes the automatic decisions about policies under way: a canary's steps, its end, and what a test says. Several
/// servers may decide at once; one of them does it. Thread-safe.
/// </summary>
internal sealed class TrafficSteward(
    EvidenceReader evidence, TrafficReport report, TrafficChanges changes, TimeProvider time)
{
    private const string Self = "gyre";

    /// <summary>Looks at a policy, and changes it where that is due.</summary>
    /// <param name="row">The policy, running or paused.</param>
    /// <param name="obstacle">Why it cannot be followed; null when it can.</param>
    /// <param name="cancellationToken">Honoured until a change begins.</param>
    public Task LookAsync(TrafficRow row, string? obstacle, CancellationToken cancellationToken)
    {
        if (obstacle is not null) return EndAsync(row, obstacle, cancellationToken);
        // One that is in memory would go on answering, and could not become champion.
        if (changes.MissingOf(row) is { } missing)
            return EndAsync(row, $"version {missing} was deleted", cancellationToken);
        if (row.Policy is not AbPolicy && changes.ChampionOf(row.Model) is var champion
            && champion != row.State.Champion)
            return FollowChampionAsync(row, champion, cancellationToken);
        return row.Policy switch
        {
            CanaryPolicy canary => LookAsync(row, canary, cancellationToken),
            AbPolicy test when !row.State.Decided => LookAsync(row, test, cancellationToken),
            _ => Task.CompletedTask,
        };
    }

    private Task LookAsync(TrafficRow row, CanaryPolicy policy, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var decision = CanaryJudge.Decide(policy, row.State.Step, row.State.Status is TrafficStatus.Paused,
            now - row.State.StepSince, evidence.Of(row, policy));
        switch (decision.Action)
        {
            case CanaryAction.RollBack:
                return EndAsync(row, decision.Reason, cancellationToken);
            case CanaryAction.Finish:
                return changes.TryPromoteAsync(row, policy.Challenger, Self, changes.Event(row.Model, "finished",
                    $"version {policy.Challenger} is champion: {decision.Reason} of its canary", policy.Challenger,
                    report.Evidence(row, Self, decision.Reason)), cancellationToken);
            case CanaryAction.Advance:
                var next = row.State.Step + 1;
                var summary = string.Create(CultureInfo.InvariantCulture,
                    $"version {policy.Challenger} gets {policy.Steps[next]} %: {decision.Reason} at "
                    + $"{policy.Steps[next - 1]} %");
                return changes.TryAsync(row, policy, row.State with { Step = next, StepSince = now, Reason = summary },
                    Self, changes.Event(row.Model, "step", summary, policy.Challenger,
                        report.Evidence(row, Self, decision.Reason)), cancellationToken);
            default:
                return Task.CompletedTask;
        }
    }

    private Task LookAsync(TrafficRow row, AbPolicy policy, CancellationToken cancellationToken)
    {
        if (evidence.Outcomes(row, policy.Metric) is not { } outcomes) return Task.CompletedTask;
        if (AbJudge.Compare(policy, outcomes).FirstOrDefault(v => v.Verdict != AbJudge.Undecided) is not { } found)
            return Task.CompletedTask;
        var summary = string.Create(CultureInfo.InvariantCulture,
            $"{found.Arm.Name} (version {found.Arm.Version}) is {found.Verdict} than {policy.Arms[0].Name} by "
            + $"{outcomes.Metric}: {found.Result.Difference:0.####} ({found.Result.Lower:0.####} to "
            + $"{found.Result.Upper:0.####}, p = {found.Result.PValue:0.#e0})");
        return changes.TryAsync(row, policy, row.State with { Decided = true, Reason = summary }, Self,
            changes.Event(row.Model, "decided", summary, found.Arm.Version, report.Evidence(row, Self, summary)),
            cancellationToken);
    }

    // Somebody else decided about the champion: what was compared with is no longer what answers.
    private Task FollowChampionAsync(TrafficRow row, int? champion, CancellationToken cancellationToken)
    {
        var reason = champion is null ? "the model has no champion any more"
            : $"version {champion} was made champion by another decision";
        return champion is { } version && row.Policy.Versions.Contains(version)
            ? MarkAsync(row, TrafficStatus.Finished, "finished", reason, cancellationToken)
            : EndAsync(row, reason, cancellationToken);
    }

    private Task EndAsync(TrafficRow row, string reason, CancellationToken cancellationToken) =>
        MarkAsync(row, TrafficStatus.RolledBack, "rolled-back", reason, cancellationToken);

    private Task MarkAsync(
        TrafficRow row, TrafficStatus status, string kind, string reason, CancellationToken cancellationToken)
    {
        var version = row.Policy.Versions[^1];
        var summary = $"{row.Policy.Name} of version {version} {kind.Replace('-', ' ')}: {reason}";
        return changes.TryAsync(row, row.Policy, row.State with { Status = status, Reason = summary }, Self,
            changes.Event(row.Model, kind, summary, version, report.Evidence(row, Self, reason)), cancellationToken);
    }
}
