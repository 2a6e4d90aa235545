namespace Gyre.Loop;

/// <summary>What a pipeline run reports while it goes on, for progress bars and plain lines.</summary>
public abstract record LoopEvent
{
    private protected LoopEvent()
    {
    }
}

/// <summary>A step began.</summary>
/// <param name="Name">The step: snapshot, contract, features, train, package, gates, promote.</param>
public sealed record StepStarted(string Name) : LoopEvent;

/// <summary>A step ended.</summary>
/// <param name="Name">The step.</param>
/// <param name="Outcome">What came of it, one line.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record StepFinished(string Name, string Outcome, TimeSpan Elapsed) : LoopEvent;

/// <summary>A trainer got further.</summary>
/// <param name="Trainer">The trainer.</param>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps planned.</param>
/// <param name="Loss">The loss so far, where known.</param>
public sealed record TrainingAdvanced(string Trainer, int Step, int TotalSteps, double? Loss) : LoopEvent;

/// <summary>A trial of a search ended.</summary>
/// <param name="Metric">The metric searched by.</param>
/// <param name="Finished">Finished trials.</param>
/// <param name="Ended">All that have ended.</param>
/// <param name="Best">The best value so far; null before the first.</param>
/// <param name="Trainer">Whose it is.</param>
/// <param name="Improved">Whether this trial made it better.</param>
/// <param name="Used">The time used.</param>
/// <param name="Left">The time left; null without a budget.</param>
public sealed record SearchAdvanced(
    string Metric, int Finished, int Ended, double? Best, string? Trainer, bool Improved, TimeSpan Used, TimeSpan? Left)
    : LoopEvent;

/// <summary>Something a person should read.</summary>
/// <param name="Message">One line.</param>
public sealed record Remark(string Message) : LoopEvent;

/// <summary>Rows of a file were scored and are safe.</summary>
/// <param name="Rows">Rows done, those of earlier runs among them.</param>
/// <param name="Total">About how many there are; null where nothing tells.</param>
/// <param name="PerSecond">Rows per second of this run.</param>
public sealed record RowsScored(long Rows, long? Total, double PerSecond) : LoopEvent;
