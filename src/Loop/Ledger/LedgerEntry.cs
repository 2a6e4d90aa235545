using System.Text.Json.Nodes;

namespace Gyre.Loop.Ledger;

/// <summary>One thing the loop saw or decided, with its evidence. Entries are only ever added.</summary>
/// <param name="Id">Its number, rising; 0 before it is stored.</param>
/// <param name="At">When.</param>
/// <param name="Model">The model.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="RunId">The pipeline run it belongs to, if any.</param>
/// <param name="Version">The model version it is about, if any.</param>
/// <param name="Evidence">The figures behind it.</param>
public sealed record LedgerEntry(
    long Id, DateTimeOffset At, string Model, LedgerKind Kind, string Summary, string? RunId, int? Version, JsonObject Evidence);

/// <summary>The kinds of ledger entries.</summary>
public enum LedgerKind
{
    /// <summary>The watcher looked at a window.</summary>
    Watch,

    /// <summary>The watcher could not look.</summary>
    WatchFailed,

    /// <summary>A condition for retraining held.</summary>
    Trigger,

    /// <summary>A trigger was not followed: cooldown, another run, or retraining disabled.</summary>
    Skip,

    /// <summary>A pipeline run began.</summary>
    RunStarted,

    /// <summary>The data of a run was read.</summary>
    Snapshot,

    /// <summary>The data contract was checked.</summary>
    Contract,

    /// <summary>A candidate was trained and measured.</summary>
    Candidate,

    /// <summary>A version was registered.</summary>
    Registered,

    /// <summary>A gate was asked.</summary>
    Gate,

    /// <summary>A version became champion.</summary>
    Promotion,

    /// <summary>A candidate was not promoted.</summary>
    Refusal,

    /// <summary>A run failed.</summary>
    RunFailed,

    /// <summary>A previous champion was restored.</summary>
    Rollback,

    /// <summary>A rollback was rehearsed.</summary>
    Drill,

    /// <summary>A traffic policy was set, took a step, or ended.</summary>
    Traffic,

    /// <summary>A version could not be loaded and another goes on serving, or such an alert ended.</summary>
    ModelLoad,

    /// <summary>A candidate is tried out by a traffic policy.</summary>
    Deployment,
}
