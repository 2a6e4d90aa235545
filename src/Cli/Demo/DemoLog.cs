using System.Collections.Immutable;
using Gyre.Loop.Runs;
using Gyre.Loop.Watching;

namespace Gyre.Cli.Demo;

/// <summary>What happened during the replay.</summary>
internal sealed class DemoLog
{
    private readonly List<(DemoRetraining Retraining, string Reason)> _retrainings = [];

    /// <summary>Every triggered run.</summary>
    public ImmutableArray<DemoRetraining> Retrainings => [.. _retrainings.Select(r => r.Retraining)];

    /// <summary>Candidates that the gates kept from becoming champion.</summary>
    public int BlockedCandidates { get; private set; }

    public void Add(DateTimeOffset at, TriggerDecision trigger, RunOutcome outcome)
    {
        _retrainings.Add((new DemoRetraining(at, trigger.Trigger.ToString().ToLowerInvariant(), outcome.Promoted), trigger.Reason));
        if (!outcome.Promoted) BlockedCandidates++;
    }

    public void Mistake(RunOutcome outcome)
    {
        if (!outcome.Promoted) BlockedCandidates++;
    }
}
