namespace Gyre.Tracking;

/// <summary>Names of tags that MLflow gives a meaning.</summary>
public static class RunTags
{
    /// <summary>The run's name.</summary>
    public const string RunName = "mlflow.runName";

    /// <summary>The id of the run it is a part of.</summary>
    public const string ParentRunId = "mlflow.parentRunId";

    /// <summary>Who started it.</summary>
    public const string User = "mlflow.user";

    /// <summary>What started it: a script, a command.</summary>
    public const string SourceName = "mlflow.source.name";

    /// <summary>The kind of source: <c>LOCAL</c>, <c>JOB</c>, <c>PROJECT</c>, <c>NOTEBOOK</c>.</summary>
    public const string SourceType = "mlflow.source.type";

    /// <summary>The source's commit.</summary>
    public const string SourceGitCommit = "mlflow.source.git.commit";

    /// <summary>A longer description in Markdown.</summary>
    public const string Note = "mlflow.note.content";

    /// <summary>Why Gyre marked the run as failed: its process died.</summary>
    public const string Orphaned = "gyre.orphaned";
}
