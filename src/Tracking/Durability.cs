namespace Gyre.Tracking;

/// <summary>What an acknowledged write survives.</summary>
public enum Durability
{
    /// <summary>The process being killed at any moment (SQLite's <c>synchronous = NORMAL</c> in WAL mode).</summary>
    Process,

    /// <summary>Also the loss of power: every commit is flushed to the device (<c>synchronous = FULL</c>).</summary>
    Device,
}
