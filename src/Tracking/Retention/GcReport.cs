namespace Gyre.Tracking;

/// <summary>What garbage collection removed, or would remove.</summary>
public sealed class GcReport
{
    /// <summary>Whether nothing was removed, only looked at.</summary>
    public bool IsDryRun { get; internal set; }

    /// <summary>Runs.</summary>
    public int Runs { get; internal set; }

    /// <summary>Experiments.</summary>
    public int Experiments { get; internal set; }

    /// <summary>Logged models.</summary>
    public int LoggedModels { get; internal set; }

    /// <summary>Deleted versions of registered models.</summary>
    public int Versions { get; internal set; }

    /// <summary>Folders of artifacts; also those that an earlier collection did not get to.</summary>
    public int Artifacts { get; internal set; }

    /// <summary>What is deleted and old enough, and stays for the reason given.</summary>
    public List<string> Kept { get; } = [];

    /// <summary>Addresses of artifacts that are not ours to remove.</summary>
    public List<string> Left { get; } = [];
}
