using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gyre.Cli.Demo;

/// <summary>What the demo measured; `gyre demo --json FILE` writes it. Errors are mean absolute errors in rentals.</summary>
/// <param name="LoopMae">Of the predictions that the server gave.</param>
/// <param name="NeverRetrainedMae">Of the first champion on the same hours.</param>
/// <param name="SeasonalNaiveMae">Of the value at the same hour a week before.</param>
/// <param name="Predictions">How many hours were predicted over HTTP.</param>
/// <param name="Retrainings">Every triggered run.</param>
/// <param name="BlockedCandidates">How many candidates the gates kept from becoming champion.</param>
/// <param name="RollbackDrill">The drill at the end.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="PeakMemoryMb">Peak resident memory of the process.</param>
internal sealed record DemoReport(
    double LoopMae,
    double NeverRetrainedMae,
    double SeasonalNaiveMae,
    int Predictions,
    ImmutableArray<DemoRetraining> Retrainings,
    int BlockedCandidates,
    DemoDrill RollbackDrill,
    double Seconds,
    double PeakMemoryMb)
{
    /// <summary>Whether the loop did what it is for.</summary>
    [JsonIgnore]
    public bool Succeeded =>
        LoopMae < NeverRetrainedMae && LoopMae < SeasonalNaiveMae && BlockedCandidates > 0 && RollbackDrill.Ok &&
        Retrainings.Any(r => r.Promoted);
}

/// <summary>A triggered run.</summary>
/// <param name="At">The simulated time.</param>
/// <param name="Trigger">What triggered it.</param>
/// <param name="Promoted">Whether its candidate became champion.</param>
internal sealed record DemoRetraining(DateTimeOffset At, string Trigger, bool Promoted);

/// <summary>The rollback drill.</summary>
/// <param name="Ok">Whether served predictions were bit-identical before and after.</param>
/// <param name="Seconds">From promotion to restored service.</param>
internal sealed record DemoDrill(bool Ok, double Seconds);
