using Gyre.Loop.Runs;

namespace Gyre.Loop.Watching;

/// <summary>Something seen that calls for a retraining.</summary>
/// <param name="Trigger">The kind of trigger.</param>
/// <param name="Reason">The figures, one line.</param>
public sealed record TriggerDecision(RunTrigger Trigger, string Reason);

/// <summary>What the watcher did at one look.</summary>
/// <param name="Summary">What was seen, one line.</param>
/// <param name="Trigger">The trigger that held, or null.</param>
/// <param name="Outcome">The run it started, or null when there was none.</param>
public sealed record LookResult(string Summary, TriggerDecision? Trigger, RunOutcome? Outcome);
