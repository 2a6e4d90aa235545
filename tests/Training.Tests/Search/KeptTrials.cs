namespace Gyre.Training.Tests.Search;

/// <summary>Trials in memory, as if a process had died after some of them.</summary>
internal sealed class KeptTrials(IReadOnlyList<Trial>? earlier = null, TimeSpan used = default) : ISearchJournal
{
    public List<(int Number, TrialSpec Spec)> Begun { get; } = [];

    public List<Trial> Ended { get; } = [];

    public List<SearchProgress> Progress { get; } = [];

    public Action<Trial>? OnEnd { get; init; }

    public IReadOnlyList<Trial> Earlier { get; } = earlier ?? [];

    public TimeSpan EarlierUsed => used;

    public void Begin(int number, TrialSpec spec, IReadOnlyDictionary<string, string> parameters) =>
        Begun.Add((number, spec));

    public void End(Trial trial, SearchProgress progress)
    {
        Ended.Add(trial);
        Progress.Add(progress);
        OnEnd?.Invoke(trial);
    }
}
