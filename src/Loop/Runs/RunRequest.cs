namespace Gyre.Loop.Runs;

/// <summary>Why a pipeline run starts.</summary>
/// <param name="Trigger">What started it.</param>
/// <param name="Reason">One line for the ledger.</param>
public sealed record RunRequest(RunTrigger Trigger, string Reason)
{
    /// <summary>A person asked for it.</summary>
    public static RunRequest Manual { get; } = new(RunTrigger.Manual, "asked for by hand");
}

/// <summary>What starts a pipeline run.</summary>
public enum RunTrigger
{
    /// <summary>A person or a script.</summary>
    Manual,

    /// <summary>The realized metric is worse than at training.</summary>
    Performance,

    /// <summary>The inputs have drifted from the reference.</summary>
    Drift,

    /// <summary>The cron schedule.</summary>
    Schedule,
}
