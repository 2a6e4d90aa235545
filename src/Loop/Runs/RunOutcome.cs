using System.Collections.Immutable;

namespace Gyre.Loop.Runs;

/// <summary>What a pipeline run came to; `gyre run --json` writes it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The registered version; null when the parity check refused it.</param>
/// <param name="Promoted">Whether the version became champion.</param>
/// <param name="Snapshot">The content hash of the data.</param>
/// <param name="Rows">Rows trained and tested on, after quarantine.</param>
/// <param name="Candidates">The candidates, in the order they were trained.</param>
/// <param name="Gates">The gates, in the order they were asked.</param>
/// <param name="Seconds">Wall time of the whole run.</param>
public sealed record RunOutcome(
    string Model,
    int? Version,
    bool Promoted,
    string Snapshot,
    long Rows,
    ImmutableArray<CandidateOutcome> Candidates,
    ImmutableArray<GateOutcome> Gates,
    double Seconds)
{
    /// <summary>The run in the tracking store.</summary>
    public required string RunId { get; init; }

    /// <summary>The trainer whose candidate was chosen.</summary>
    public required string Chosen { get; init; }

    /// <summary>The metric that chose.</summary>
    public required string Metric { get; init; }

    /// <summary>The traffic policy that tries the version out, <c>canary</c> or <c>shadow</c>; null when none does.</summary>
    public string? TriedOut { get; init; }
}

/// <summary>One trained candidate.</summary>
/// <param name="Trainer">The trainer.</param>
/// <param name="Metrics">Its metrics on the held-out rows.</param>
/// <param name="FitSeconds">Wall time of fitting.</param>
public sealed record CandidateOutcome(string Trainer, IReadOnlyDictionary<string, double> Metrics, double FitSeconds);

/// <summary>A gate's answer.</summary>
/// <param name="Name">dummy, champion, contract, parity, latency or size.</param>
/// <param name="Passed">Whether the candidate passed.</param>
/// <param name="Evidence">The figures, one line.</param>
public sealed record GateOutcome(string Name, bool Passed, string Evidence);
