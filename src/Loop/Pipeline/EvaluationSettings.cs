namespace Gyre.Loop.Pipeline;

/// <summary>What `training.evaluation` sets: which runs write an evaluation report, and what is in it.</summary>
public sealed record EvaluationSettings
{
    /// <summary>Which runs write a report into their artifacts.</summary>
    public ReportFor Report { get; init; } = ReportFor.Promoted;

    /// <summary>Whether the report says if more rows would help; trains some ten times more.</summary>
    public bool LearningCurve { get; init; }
}

/// <summary>Which runs write an evaluation report.</summary>
public enum ReportFor
{
    /// <summary>Those whose version becomes champion.</summary>
    Promoted,

    /// <summary>All.</summary>
    Always,

    /// <summary>None.</summary>
    Never,
}
