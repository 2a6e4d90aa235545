namespace Gyre.Training;

/// <summary>
/// Where a search's trials are kept, so that it can go on after its process died. Called by one thread at a time; what
/// it throws ends the search.
/// </summary>
public interface ISearchJournal
{
    /// <summary>The trials of the interrupted search, by number from 1 without gaps; empty for a new one.</summary>
    IReadOnlyList<Trial> Earlier { get; }

    /// <summary>The time that the interrupted search had used, the trial that was cut short included.</summary>
    TimeSpan EarlierUsed { get; }

    /// <summary>Told when a trial begins.</summary>
    void Begin(int number, TrialSpec spec, IReadOnlyDictionary<string, string> parameters);

    /// <summary>Told when it ended; what is kept before this returns is not trained again.</summary>
    void End(Trial trial, SearchProgress progress);
}

/// <summary>How far a search is.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Finished">Finished trials.</param>
/// <param name="Ended">All that have ended.</param>
/// <param name="Best">The best so far on all rows, or on a share of them while there is none; null before the
/// first.</param>
/// <param name="Used">The time used.</param>
/// <param name="Left">The time left, final fitting included; null without a budget.</param>
public sealed record SearchProgress(
    string Metric, int Finished, int Ended, Trial? Best, TimeSpan Used, TimeSpan? Left);
