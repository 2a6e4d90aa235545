using System.Diagnostics;
using System.Globalization;
using Gyre.Tracking;
using Gyre.Training;

namespace Gyre.Loop.Searching;

/// <summary>
/// Keeps the trials of a search: a file each, so that a killed search goes on, and a run each beneath the search's run, so
/// that people see them. Trials of a killed process become runs again, marked as such.
/// </summary>
internal sealed class TrialJournal : ISearchJournal, IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly Workspace _workspace;
    private readonly TrialFolder _folder;
    private readonly Run _parent;
    private readonly string _metric;
    private readonly IProgress<LoopEvent>? _progress;
    private readonly double _earlier;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Timer _timer;
    private string? _running;
    private double? _best;

    private TrialJournal(
        Workspace workspace, TrialFolder folder, Run parent, string metric, IProgress<LoopEvent>? progress)
    {
        (_workspace, _folder, _parent, _metric, _progress) = (workspace, folder, parent, metric, progress);
        Earlier = folder.Read();
        _earlier = Math.Max(folder.UsedSeconds, Earlier.Count == 0 ? 0 : Earlier.Max(t => t.UsedSeconds));
        _timer = new Timer(_ => BeatOnce(), null, Beat, Beat);
    }

    public IReadOnlyList<Trial> Earlier { get; }

    public TimeSpan EarlierUsed => TimeSpan.FromSeconds(_earlier);

    /// <summary>Opens the journal and makes runs of the earlier trials.</summary>
    public static async Task<TrialJournal> OpenAsync(
        Workspace workspace, TrialFolder folder, Run parent, string metric, IProgress<LoopEvent>? progress,
        CancellationToken cancellationToken)
    {
        var journal = new TrialJournal(workspace, folder, parent, metric, progress);
        foreach (var trial in journal.Earlier.Where(t => t.Status != TrialStatus.Skipped))
        {
            var id = await journal.StartAsync(trial.Number, trial.Spec, trial.Spec.Options, cancellationToken);
            await journal.FinishAsync(id, trial, resumed: true);
        }

        return journal;
    }

    public void Begin(int number, TrialSpec spec, IReadOnlyDictionary<string, string> parameters) =>
        Volatile.Write(ref _running, StartAsync(number, spec, parameters, CancellationToken.None).GetAwaiter().GetResult());

    public void End(Trial trial, SearchProgress progress)
    {
        _folder.WriteAsync(trial).GetAwaiter().GetResult();
        var id = Interlocked.Exchange(ref _running, null);
        if (id is not null) FinishAsync(id, trial, resumed: false).GetAwaiter().GetResult();
        var improved = progress.Best is { } best && !best.Value.Equals(_best);
        _best = progress.Best?.Value;
        _progress?.Report(new SearchAdvanced(
            progress.Metric, progress.Finished, progress.Ended, progress.Best?.Value, progress.Best?.Spec.Trainer, improved,
            progress.Used, progress.Left));
    }

    /// <summary>Ends the run of a trial that the user stopped, or that broke the search.</summary>
    public async Task AbandonAsync()
    {
        if (Interlocked.Exchange(ref _running, null) is { } id)
            await _workspace.Runs.FinishAsync(id, RunStatus.Killed, CancellationToken.None);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>While a trial runs, the time used is told every second: a kill in its middle must not give it back.</summary>
    private void BeatOnce()
    {
        if (Volatile.Read(ref _running) is null) return;
        try
        {
            _folder.WriteUsed(_earlier + _clock.Elapsed.TotalSeconds);
        }
        catch (IOException)
        {
            // The next beat tells it.
        }
    }

    private async Task<string> StartAsync(
        int number, TrialSpec spec, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"trial-{number:000}-{spec.Trainer}");
        var run = await _workspace.Runs.StartAsync(new RunStart(_parent.ExperimentId, name, _parent.Id)
        {
            Tags = new Dictionary<string, string>
            {
                ["gyre.trial"] = number.ToString(CultureInfo.InvariantCulture),
                ["gyre.trial.origin"] = spec.Origin.ToString().ToLowerInvariant(),
                ["gyre.trial.trainer"] = spec.Trainer,
                ["gyre.trial.row_share"] = spec.Share.ToString("R", CultureInfo.InvariantCulture),
            },
        }, cancellationToken);
        await _workspace.Runs.LogBatchAsync(run.Id, new RunBatch { Parameters = parameters }, cancellationToken);
        return run.Id;
    }

    private async Task FinishAsync(string id, Trial trial, bool resumed)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["gyre.trial.status"] = trial.Status.ToString().ToLowerInvariant(),
        };
        if (trial.Cause is { } cause) tags["gyre.trial.cause"] = cause;
        if (trial.Rounds is { } rounds) tags["gyre.trial.rounds"] = rounds.ToString(CultureInfo.InvariantCulture);
        if (resumed) tags["gyre.trial.resumed"] = "true";
        List<Metric> metrics = [.. trial.FoldValues.Select((value, fold) => new Metric($"fold_{_metric}", value, fold))];
        if (!double.IsNaN(trial.Value)) metrics.Add(new Metric($"cv_{_metric}", trial.Value));
        metrics.Add(new Metric("seconds", trial.Seconds));
        await _workspace.Runs.LogBatchAsync(id, new RunBatch { Metrics = metrics, Tags = tags });
        await _workspace.Runs.FinishAsync(id, trial.Status switch
        {
            TrialStatus.Failed => RunStatus.Failed,
            TrialStatus.Cut => RunStatus.Killed,
            _ => RunStatus.Finished,
        });
    }
}
