namespace Gyre.Tracking.Storage;

/// <summary>A process's claim on the runs it starts: it ends when the process does, however it ends.</summary>
internal interface IProcessOwner : IDisposable
{
    /// <summary>Identity of this claim, as a run's tag <see cref="ProcessOwner.Tag"/> holds it.</summary>
    string Id { get; }

    /// <summary>Whether the process that made the claim <paramref name="id"/> may still be alive.</summary>
    bool IsAlive(string id);

    /// <summary>Removes what dead claims left behind.</summary>
    void Sweep();
}
