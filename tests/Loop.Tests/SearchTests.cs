using Gyre.Loop.Ledger;
using Gyre.Loop.Runs;
using Gyre.Models;
using Gyre.Tracking;

namespace Gyre.Loop.Tests;

public class SearchTests
{
    private const string Small =
        "search: { trials: 8, folds: 3, trainers: [boosting], "
        + "space: { boosting: { rounds: 30, learning_rate: { from: 0.1, to: 0.4 } } }";

    [Fact]
    public async Task Run_Search_IsACandidateWhoseTrialsAreRuns()
    {
        using var shop = new ShopWorkspace();
        var events = new Heard();

        var outcome = await shop.RunAsync(shop.Define(training: Small + " }"), events);

        Assert.True(outcome.Promoted, string.Join('\n', outcome.Gates));
        Assert.Equal(["dummy", "search"], outcome.Candidates.Select(c => c.Trainer));
        var search = shop.Workspace.Runs.ListChildren(outcome.RunId).Single(r => r.Name == "search");
        Assert.Equal(8, search.Metrics["trials"]);
        var trials = shop.Workspace.Runs.ListChildren(search.Id).OrderBy(r => r.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(8, trials.Count);
        Assert.Equal(["trial-001-dummy", "trial-002-linear", "trial-003-boosting"], trials.Take(3).Select(t => t.Name));
        Assert.All(trials, t => Assert.Equal(RunStatus.Finished, t.Status));
        Assert.All(trials, t => Assert.Contains(t.Tags["gyre.trial.status"], new[] { "finished", "pruned" }));
        var finished = trials.Where(t => t.Tags["gyre.trial.status"] == "finished").ToList();
        Assert.All(finished, t => Assert.True(t.Metrics["cv_rmse"] > 0 && t.Metrics["fold_rmse"] > 0));
        Assert.Equal("30", trials[2].Parameters["rounds"]);

        var version = shop.Workspace.Registry.Get(ShopWorkspace.Model, 1);
        Assert.Equal("search", version.Tags[VersionTags.Trainer]);
        Assert.Equal("true", version.Tags[VersionTags.Refit]);
        var card = await File.ReadAllTextAsync(Path.Combine(version.Folder, "model_card.md"));
        Assert.Contains("## Search\n\n- 8 trials in ", card, StringComparison.Ordinal);
        Assert.Contains("Best single trial by rmse over 3 folds: ", card, StringComparison.Ordinal);
        var told = events.News.OfType<SearchAdvanced>().ToList();
        Assert.Equal(8, told.Count);
        Assert.True(told[0].Improved);
        Assert.Equal((8, finished.Count), (told[^1].Ended, told[^1].Finished));
        Assert.Contains(shop.Ledger(LedgerKind.Candidate), e => e.Summary.StartsWith("search: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_SameSearchWithMoreTrials_GoesOnWhereItStopped()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define(timed: false, training: Small + " }"));
        var events = new Heard();

        var second = await shop.RunAsync(shop.Define(timed: false, training: Small.Replace("trials: 8", "trials: 10") + " }"), events);

        Assert.Equal(2, events.News.OfType<SearchAdvanced>().Count());
        Assert.Contains(events.News.OfType<Remark>(), r => r.Message.StartsWith("the search goes on after 8 trials", StringComparison.Ordinal));
        var search = shop.Workspace.Runs.ListChildren(second.RunId).Single(r => r.Name == "search");
        var trials = shop.Workspace.Runs.ListChildren(search.Id);
        Assert.Equal(10, trials.Count);
        Assert.Equal(8, trials.Count(t => t.Tags.ContainsKey("gyre.trial.resumed")));

        shop.Write(1300);
        events.News.Clear();
        await shop.RunAsync(shop.Define(timed: false, training: Small + " }"), events);
        Assert.Equal(8, events.News.OfType<SearchAdvanced>().Count());
        Assert.Single(Directory.GetDirectories(Path.Combine(shop.Workspace.StateFolder, "search", ShopWorkspace.Model)));
    }

    [Fact]
    public async Task Run_EnsembleAboveTheGates_FallsBackOnTheBestSingleModel()
    {
        using var shop = new ShopWorkspace();
        var events = new Heard();
        var definition = shop.Define("[temp, kind, extra]", training: Small + " }", more: "gates: { size_mb: 0.001 }");

        await shop.RunAsync(definition, events);

        var search = shop.Ledger(LedgerKind.Candidate).Single(e => e.Summary.StartsWith("search: ", StringComparison.Ordinal));
        Assert.True(
            search.Summary.Contains("too slow or too large", StringComparison.Ordinal)
            || search.Summary.Contains("No ensemble was better", StringComparison.Ordinal), search.Summary);
        if (search.Summary.Contains("too slow", StringComparison.Ordinal))
            Assert.Contains(events.News.OfType<Remark>(), r => r.Message.Contains("gates.size_mb allows", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_Cancelled_LeavesNoRunOpenAndKeepsItsTrials()
    {
        using var shop = new ShopWorkspace();
        using var stop = new CancellationTokenSource();
        var events = new Heard { On = news => { if (news is SearchAdvanced { Ended: 4 }) stop.Cancel(); } };
        var definition = shop.Define(training: Small + " }");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => shop.Runner.RunAsync(definition, RunRequest.Manual, events, stop.Token));

        var experiment = shop.Workspace.Runs.FindExperiment(ShopWorkspace.Model)!;
        Assert.DoesNotContain(shop.Workspace.Runs.List(experiment.Id), r => r.Status == RunStatus.Running);
        events.News.Clear();
        await shop.RunAsync(definition, events);
        Assert.Equal(4, events.News.OfType<SearchAdvanced>().Count());
    }

    private sealed class Heard : IProgress<LoopEvent>
    {
        public List<LoopEvent> News { get; } = [];

        public Action<LoopEvent>? On { get; init; }

        public void Report(LoopEvent value)
        {
            lock (News) News.Add(value);
            On?.Invoke(value);
        }
    }
}
