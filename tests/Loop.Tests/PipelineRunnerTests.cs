using System.Collections.Concurrent;
using System.Diagnostics;
using Gyre.Loop.Ledger;
using Gyre.Loop.Runs;
using Gyre.Models;
using Gyre.Primitives;
using Gyre.Tracking;

namespace Gyre.Loop.Tests;

public class PipelineRunnerTests
{
    [Fact]
    public async Task Run_ByAMetricThatIsNotReportedOtherwise_ChoosesAndWatchesByIt()
    {
        using var shop = new ShopWorkspace(rows: 300);
        var outcome = await shop.RunAsync(shop.Define(
            training: "trainers: [linear], metric: median_absolute_error, folds: 3",
            more: "monitoring: { metric: median_absolute_error }"));

        Assert.Equal("linear", outcome.Chosen);
        Assert.All(outcome.Candidates, c => Assert.True(c.Metrics["cv_median_absolute_error"] > 0));
        Assert.Contains("median_absolute_error", await File.ReadAllTextAsync(
            Path.Combine(shop.Workspace.Registry.Get(ShopWorkspace.Model, 1).Folder, "model_card.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WhileTraced_IsASpanOfWhatItCameTo()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Gyre.Loop",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var shop = new ShopWorkspace(rows: 300);
        var outcome = await shop.RunAsync(shop.Define(training: "trainers: [linear]"));

        var span = Assert.Single(spans, s => (string?)s.GetTagItem("gyre.run_id") == outcome.RunId);
        Assert.Equal(("pipeline.run", ShopWorkspace.Model), (span.OperationName, span.GetTagItem("gyre.model")));
        Assert.Equal(outcome.Promoted, span.GetTagItem("gyre.promoted"));
        Assert.True(span.Duration.TotalSeconds > 0);
    }

    [Fact]
    public async Task Run_MetricUndefinedForACandidate_SaysSo()
    {
        using var shop = new ShopWorkspace(rows: 300);
        shop.Write(300, (i, row) => row with { Y = i % 7 == 0 ? "0" : row.Y });

        var error = await Assert.ThrowsAsync<GyreException>(
            () => shop.RunAsync(shop.Define(training: "trainers: [linear], metric: mape")));

        Assert.True(error.IsUserError);
        Assert.Contains("'mape' of dummy is not defined on the held-out rows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_First_PromotesAWholePackageAndRecordsEverything()
    {
        using var shop = new ShopWorkspace();

        var outcome = await shop.RunAsync(shop.Define());

        Assert.True(outcome.Promoted, string.Join('\n', outcome.Gates));
        Assert.Equal((1, 1200, "linear"), (outcome.Version, outcome.Rows, outcome.Chosen));
        var version = shop.Workspace.Registry.Get(ShopWorkspace.Model, 1);
        foreach (var file in new[]
                 {
                     "MLmodel", "model.onnx", "input_example.json", "requirements.txt", "reference_profile.json",
                     "model_card.md", "pipeline.yaml",
                 })
            Assert.True(File.Exists(Path.Combine(version.Folder, file)), file);
        Assert.Equal(outcome.Snapshot, version.Tags[VersionTags.Snapshot]);
        Assert.Equal("linear", version.Tags[VersionTags.Trainer]);
        Assert.Equal("true", version.Tags[VersionTags.Refit]);
        Assert.True(version.Tags.ContainsKey(VersionTags.MetricPrefix + "rmse"));

        Assert.Equal(RunStatus.Finished, shop.Workspace.Runs.Get(outcome.RunId).Status);
        var candidates = shop.Workspace.Runs.ListChildren(outcome.RunId);
        Assert.Equal(["dummy", "linear"], candidates.Select(c => c.Name).Order());
        Assert.All(candidates, c => Assert.Equal(RunStatus.Finished, c.Status));
        Assert.All(candidates, c => Assert.True(c.Metrics["rmse"] > 0 && c.Metrics.ContainsKey("fit_seconds")));
        Assert.NotEmpty(candidates.Single(c => c.Name == "linear").Parameters);
        Assert.Equal(
            [
                LedgerKind.RunStarted, LedgerKind.Snapshot, LedgerKind.Contract, LedgerKind.Candidate, LedgerKind.Registered,
                LedgerKind.Gate, LedgerKind.Promotion,
            ],
            shop.Workspace.Ledger.List(ShopWorkspace.Model).Select(e => e.Kind).Distinct());
    }

    [Fact]
    public async Task Run_UnchangedData_ReusesTheSnapshotAndLeavesTheChampion()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define());

        var second = await shop.RunAsync(shop.Define());

        Assert.True(shop.Ledger(LedgerKind.Snapshot)[^1].Evidence["reused"]!.GetValue<bool>());
        Assert.False(second.Promoted);
        Assert.Equal("champion", Assert.Single(second.Gates, g => !g.Passed).Name);
        Assert.Equal((1, 2), (shop.Champion, shop.Alias(ModelAliases.Challenger)));
        Assert.Equal(2, Assert.Single(shop.Ledger(LedgerKind.Refusal)).Version);
    }

    [Fact]
    public async Task Run_WeakerPipeline_IsBlocked()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define());

        var weak = await shop.RunAsync(shop.Define("[kind]"));

        Assert.False(weak.Promoted);
        Assert.Contains(weak.Gates, g => g is { Name: "champion", Passed: false });
        Assert.Equal(1, shop.Champion);
    }

    [Fact]
    public async Task Run_NoFeatureHelps_IsRefusedByTheDummyGate()
    {
        using var shop = new ShopWorkspace();
        shop.Write(1200, (i, row) => row with { Temp = $"{i * i * 31 % 977}" });

        var outcome = await shop.RunAsync(shop.Define("[temp]"));

        Assert.False(outcome.Promoted);
        Assert.Contains(outcome.Gates, g => g is { Name: "dummy", Passed: false });
        Assert.Null(shop.Champion);
    }

    [Fact]
    public async Task Run_BetterButNeedsANewColumn_IsRefusedByTheContractGate()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define());

        var better = await shop.RunAsync(shop.Define("[temp, kind, extra]"));

        var refused = Assert.Single(better.Gates, g => !g.Passed);
        Assert.Equal("contract", refused.Name);
        Assert.Contains("'extra'", refused.Evidence, StringComparison.Ordinal);
        Assert.Equal(1, shop.Champion);
    }

    [Fact]
    public async Task Run_BetterButDropsAColumn_IsRefusedByTheContractGate()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define("[temp, kind]", training: "trainers: [linear: { l2: 100000 }]"));
        Assert.Equal(1, shop.Champion);
        shop.Write(1400);

        var better = await shop.RunAsync(shop.Define("[temp]"));

        var refused = Assert.Single(better.Gates, g => !g.Passed);
        Assert.Equal("contract", refused.Name);
        Assert.Contains("does not know 'kind'", refused.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ColumnMayNoLongerBeEmpty_IsRefusedByTheContractGate()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define());

        var stricter = await shop.RunAsync(shop.Define(more: "contract: { columns: { temp: { nullability: fail } } }"));

        Assert.Contains("'temp' as numeric in every row", stricter.Gates.Single(g => g.Name == "contract").Evidence,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ContractFails_StopsWithoutAVersion()
    {
        using var shop = new ShopWorkspace();
        var definition = shop.Define(more: "contract: { columns: { temp: { range: { max: 0.5, action: fail } } } }");

        var error = await Assert.ThrowsAsync<GyreException>(() => shop.RunAsync(definition));

        Assert.True(error.IsUserError);
        Assert.Contains("temp", error.Message, StringComparison.Ordinal);
        Assert.Empty(shop.Workspace.Registry.List(ShopWorkspace.Model));
        Assert.Contains("temp", Assert.Single(shop.Ledger(LedgerKind.RunFailed)).Summary, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Failed, OnlyRun(shop).Status);
    }

    [Fact]
    public async Task Run_RowsBreakTheContract_AreSetAside()
    {
        using var shop = new ShopWorkspace();
        shop.Write(1200, (i, row) => i % 100 == 7 ? row with { Temp = "99" } : row);

        var outcome = await shop.RunAsync(
            shop.Define(more: "contract: { columns: { temp: { range: { max: 1, action: quarantine } } } }"));

        Assert.Equal(1188, outcome.Rows);
        var evidence = Assert.Single(shop.Ledger(LedgerKind.Contract)).Evidence;
        Assert.Equal(12, evidence["quarantined"]!.GetValue<long>());
        Assert.True(File.Exists(evidence["file"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("snapshot")]
    [InlineData("linear")]
    [InlineData("package")]
    [InlineData("gates")]
    public async Task Run_Cancelled_LeavesNoVersionAndIsKilled(string step)
    {
        using var shop = new ShopWorkspace();
        using var stop = new CancellationTokenSource();
        var progress = new Watch(news =>
        {
            if (news is StepStarted started && started.Name == step) stop.Cancel();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => shop.Runner.RunAsync(shop.Define(), RunRequest.Manual, progress, stop.Token));

        Assert.Empty(shop.Workspace.Registry.List(ShopWorkspace.Model));
        Assert.Empty(Directory.GetFiles(shop.Workspace.StateFolder, "MLmodel", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFileSystemEntries(shop.Workspace.StateFolder, "*.tmp", SearchOption.AllDirectories));
        var runs = shop.Workspace.Runs.List(shop.Workspace.Runs.FindExperiment(ShopWorkspace.Model)!.Id);
        Assert.Equal(RunStatus.Killed, runs.Single(r => r.ParentId is null).Status);
        Assert.DoesNotContain(runs, r => r.Status == RunStatus.Running);
        Assert.Contains("stopped", Assert.Single(shop.Ledger(LedgerKind.RunFailed)).Summary, StringComparison.Ordinal);
        Assert.Equal(shop.Ledger(LedgerKind.Registered).Count, step == "gates" ? 1 : 0);
    }

    [Fact]
    public async Task Run_WhileAnotherIsUnderWay_IsAConflict()
    {
        using var shop = new ShopWorkspace();
        using (RunLock.Take(shop.Workspace.StateFolder))
        {
            var error = await Assert.ThrowsAsync<GyreException>(() => shop.RunAsync(shop.Define()));
            Assert.Equal(ErrorCode.Conflict, error.Code);
        }

        Assert.Empty(shop.Workspace.Ledger.List());
        Assert.True((await shop.RunAsync(shop.Define())).Promoted);
    }

    [Fact]
    public async Task Run_AfterAKilledProcess_RemovesWhatItLeftHalfWritten()
    {
        using var shop = new ShopWorkspace();
        var dead = Directory.CreateDirectory(
            Path.Combine(shop.Workspace.StateFolder, "artifacts", "1", $"model.{int.MaxValue}-abcdefgh.tmp")).FullName;
        await File.WriteAllTextAsync(Path.Combine(dead, "model.onnx"), "half");
        var living = Path.Combine(shop.Workspace.StateFolder, $"other.{Environment.ProcessId}-abcdefgh.tmp");
        await File.WriteAllTextAsync(living, "being written");

        await shop.RunAsync(shop.Define());

        Assert.False(Directory.Exists(dead));
        Assert.True(File.Exists(living));
    }

    [Fact]
    public async Task Run_LagFeature_IsRefusedBeforeAnythingIsRead()
    {
        using var shop = new ShopWorkspace();
        File.Delete(shop.Source);

        var error = await Assert.ThrowsAsync<GyreException>(
            () => shop.RunAsync(shop.Define("features: { use: [temp], derive: { before: 'lag(y) OVER (ORDER BY \"at\")' } }")));

        Assert.Contains("features.derive.before", error.Message, StringComparison.Ordinal);
        Assert.Contains("serve: request", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LagFeatureSentByClients_TrainsAndIsAnInput()
    {
        using var shop = new ShopWorkspace();
        var outcome = await shop.RunAsync(shop.Define(
            "features: { use: [temp, kind], derive: { hot: temp * 2, before: { sql: 'lag(y) OVER (ORDER BY \"at\")', serve: request } } }"));

        Assert.True(outcome.Promoted);
        using var scorer = ModelScorer.Load(shop.Workspace.Registry.Get(ShopWorkspace.Model, 1).Folder);
        Assert.Equal(["before", "kind", "temp"], scorer.Inputs.Select(i => i.Name).Order());
    }

    [Theory]
    [InlineData("binary", "categorical", "high|low")]
    [InlineData("multiclass", "categorical", "high|low|middle")]
    [InlineData("binary", "boolean", "true|false")]
    public async Task Run_Classes_Promotes(string task, string type, string names)
    {
        using var shop = new ShopWorkspace();
        var classes = names.Split('|');
        shop.Write(1200, (_, row) => row with { Y = classes[(int)(double.Parse(row.Temp) * classes.Length)] });

        var outcome = await shop.RunAsync(shop.Define(task: task, target: type, timed: false));

        Assert.True(outcome.Promoted, string.Join('\n', outcome.Gates));
        Assert.Equal("log_loss", outcome.Metric);
        Assert.Equal("Stratified 0.2 seed 1", shop.Workspace.Registry.Get(ShopWorkspace.Model, 1).Tags[VersionTags.HoldOut]);
    }

    [Fact]
    public async Task Run_RowsWithoutTargetOrTime_AreSkipped()
    {
        using var shop = new ShopWorkspace();
        shop.Write(1200, (i, row) => i % 10 == 0 ? row with { Y = "" } : row);

        Assert.Equal(1080, (await shop.RunAsync(shop.Define())).Rows);
    }

    [Fact]
    public async Task Run_Folds_ChooseByTheirMean()
    {
        using var shop = new ShopWorkspace();
        var outcome = await shop.RunAsync(shop.Define(training: "folds: 3, trainers: [linear, linear: { l2: 100000 }]"));

        Assert.Equal(["dummy", "linear", "linear-2"], outcome.Candidates.Select(c => c.Trainer));
        Assert.Equal("linear", outcome.Chosen);
        Assert.Contains("the mean over 3 folds", Card(shop, 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RowsAppendedInTime_ComparesOnlyOnRowsUnseenByTheChampion()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define());
        Assert.Contains("the newest 20% of rows (240 of 1200)", Card(shop, 1), StringComparison.Ordinal);
        shop.Write(1300);

        var second = await shop.RunAsync(shop.Define(more: "retraining: { holdout: 10d }"));

        Assert.Contains("the newest 10d of rows (240 of 1300)", Card(shop, 2), StringComparison.Ordinal);
        var evidence = second.Gates.Single(g => g.Name == "champion").Evidence;
        Assert.Contains("on 100 rows", evidence, StringComparison.Ordinal);
        Assert.DoesNotContain("may have learnt", evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", false)]
    [InlineData(", refit: true", "", true)]
    [InlineData("", ", seed: 2", true)]
    public async Task Run_RandomHoldOut_SaysWhenTheChampionMayHaveSeenTheRows(string first, string second, bool mayHaveSeen)
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define(timed: false, training: "trainers: [linear]" + first));
        shop.Write(1260);

        var outcome = await shop.RunAsync(shop.Define(timed: false, training: "trainers: [linear]" + second));

        var evidence = outcome.Gates.Single(g => g.Name == "champion").Evidence;
        Assert.Contains("on 252 rows", evidence, StringComparison.Ordinal);
        Assert.Equal(mayHaveSeen, evidence.Contains("may have learnt from 252", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_LimitsExceeded_AreRefused()
    {
        using var shop = new ShopWorkspace();
        var outcome = await shop.RunAsync(shop.Define(more: "gates: { size_mb: 0.001, latency: 0s }"));

        Assert.Equal(["latency", "size"], outcome.Gates.Where(g => !g.Passed).Select(g => g.Name).Order());
        Assert.Null(shop.Champion);
    }

    private static Run OnlyRun(ShopWorkspace shop) =>
        shop.Workspace.Runs.List(shop.Workspace.Runs.FindExperiment(ShopWorkspace.Model)!.Id).Single();

    private static string Card(ShopWorkspace shop, int version) =>
        File.ReadAllText(Path.Combine(shop.Workspace.Registry.Get(ShopWorkspace.Model, version).Folder, "model_card.md"));

    private sealed class Watch(Action<LoopEvent> see) : IProgress<LoopEvent>
    {
        public void Report(LoopEvent value) => see(value);
    }
}
