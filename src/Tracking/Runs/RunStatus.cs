namespace Gyre.Tracking;

/// <summary>How far a run is. Stored by MLflow's names, in upper case.</summary>
public enum RunStatus
{
    /// <summary>Under way.</summary>
    Running,

    /// <summary>Waiting to be started.</summary>
    Scheduled,

    /// <summary>Ended well.</summary>
    Finished,

    /// <summary>Ended with an error, or its process died.</summary>
    Failed,

    /// <summary>Stopped by the user.</summary>
    Killed,
}
