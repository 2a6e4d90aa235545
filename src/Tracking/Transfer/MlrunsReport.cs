namespace Gyre.Tracking;

/// <summary>What was read from, or written to, a file store.</summary>
public sealed class MlrunsReport
{
    /// <summary>Experiments.</summary>
    public int Experiments { get; internal set; }

    /// <summary>Runs.</summary>
    public int Runs { get; internal set; }

    /// <summary>Runs that were there already and were left alone.</summary>
    public int KnownRuns { get; internal set; }

    /// <summary>Points of metrics.</summary>
    public long Points { get; internal set; }

    /// <summary>Logged models.</summary>
    public int LoggedModels { get; internal set; }

    /// <summary>Registered models.</summary>
    public int Models { get; internal set; }

    /// <summary>Their versions.</summary>
    public int Versions { get; internal set; }

    /// <summary>Artifact files that were copied.</summary>
    public long Files { get; internal set; }

    /// <summary>Experiments whose number was taken, or does not fit, with the number they got.</summary>
    public SortedDictionary<string, long> Renumbered { get; } = new(StringComparer.Ordinal);

    /// <summary>What was passed over, and why.</summary>
    public List<string> Warnings { get; } = [];
}
