using System.Globalization;
using System.Text.Json.Nodes;
using Gyre.Fixtures;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Runs;
using Gyre.Loop.Watching;
using Gyre.Tracking.Storage;

namespace Gyre.Loop.Tests;

/// <summary>Looks at a prediction log that is written by SQL into the tables that the real server has made.</summary>
public class WatcherTests
{
    private static readonly TimeSpan _beyondCooldown = TimeSpan.FromDays(8);

    [Fact]
    public async Task Look_NoChampion_RecordsNothing()
    {
        using var shop = new ShopWorkspace();
        var look = await LookAsync(shop, shop.Define());
        Assert.Null(look.Trigger);
        Assert.Empty(shop.Workspace.Ledger.List());
    }

    [Fact]
    public async Task Look_NothingUnusual_RecordsWhatWasSeen()
    {
        using var shop = await ServedAsync();
        await LogAsync(shop, 300, actual: predicted => predicted);

        var look = await LookAsync(shop, shop.Define());

        Assert.Null(look.Trigger);
        var evidence = Assert.Single(shop.Ledger(LedgerKind.Watch)).Evidence;
        Assert.Equal(300, evidence["rows"]!.GetValue<int>());
        Assert.False(evidence["performance"]!["worse"]!.GetValue<bool>());
        Assert.Equal(2, evidence["watchedColumns"]!.GetValue<int>());
        Assert.Empty(evidence["drift"]!.AsArray());
        Assert.True(evidence["prediction"]!["psi"]!.GetValue<double>() < 0.25);
        Assert.Empty(shop.Ledger(LedgerKind.Trigger));
    }

    [Fact]
    public async Task Look_ErrorWorseThanAtTraining_Retrains()
    {
        using var shop = await ServedAsync();
        await LogAsync(shop, 300, actual: predicted => predicted + 20);

        var look = await LookAsync(shop, shop.Define());

        Assert.Equal(RunTrigger.Performance, look.Trigger!.Trigger);
        Assert.Equal(1500, look.Outcome!.Rows);
        var evidence = Assert.Single(shop.Ledger(LedgerKind.Trigger)).Evidence;
        Assert.Equal("performance", evidence["trigger"]!.GetValue<string>());
        Assert.Equal("rmse", evidence["window"]!["performance"]!["metric"]!.GetValue<string>());
        Assert.Equal("performance", shop.Ledger(LedgerKind.RunStarted)[^1].Evidence["trigger"]!.GetValue<string>());
    }

    [Fact]
    public async Task Look_TooFewActualValues_IsNoTrigger()
    {
        using var shop = await ServedAsync();
        await LogAsync(shop, 40, actual: predicted => predicted + 20);
        Assert.Null((await LookAsync(shop, shop.Define())).Trigger);
    }

    [Fact]
    public async Task Look_InputsDrifted_RetrainsWhileErrorCannotBeJudged()
    {
        using var shop = await ServedAsync();
        await LogAsync(shop, 300, temp: 3);

        var look = await LookAsync(shop, shop.Define());

        Assert.Equal(RunTrigger.Drift, look.Trigger!.Trigger);
        Assert.Contains("temp", look.Trigger.Reason, StringComparison.Ordinal);
        Assert.NotNull(look.Outcome);
        Assert.Contains(shop.Ledger(LedgerKind.Watch)[^1].Evidence["drift"]!.AsArray(),
            column => column!["column"]!.GetValue<string>() == "temp");
    }

    [Fact]
    public async Task Look_InputsDriftedButErrorIsFine_IsNoTriggerUnlessAlways()
    {
        using var shop = await ServedAsync();
        await LogAsync(shop, 300, temp: 3, actual: predicted => predicted);

        Assert.Null((await LookAsync(shop, shop.Define())).Trigger);
        var always = shop.Define(more: "monitoring: { drift: { trigger: always } }");
        Assert.Equal(RunTrigger.Drift, (await LookAsync(shop, always)).Trigger!.Trigger);
    }

    [Fact]
    public async Task Look_Schedule_RunsOncePerDueTime()
    {
        using var shop = await ServedAsync();
        var nightly = shop.Define(more: "retraining: { schedule: '0 0 3 * * ?', cooldown: 0s }");
        Assert.Null((await LookAsync(shop, nightly)).Trigger);

        shop.Time.Now += TimeSpan.FromHours(20);
        var due = await LookAsync(shop, nightly);
        Assert.Equal(RunTrigger.Schedule, due.Trigger!.Trigger);
        Assert.Contains("03:00", due.Trigger.Reason, StringComparison.Ordinal);

        shop.Time.Now += TimeSpan.FromHours(1);
        Assert.Null((await LookAsync(shop, nightly)).Trigger);
    }

    [Theory]
    [InlineData("retraining: { enabled: false }", "disabled")]
    [InlineData("retraining: { cooldown: 30d }", "cooldown of 30d")]
    public async Task Look_TriggerNotToBeFollowed_SaysWhy(string setting, string reason)
    {
        using var shop = await ServedAsync();
        await LogAsync(shop, 300, temp: 3);

        var look = await LookAsync(shop, shop.Define(more: setting));

        Assert.NotNull(look.Trigger);
        Assert.Null(look.Outcome);
        Assert.Contains(reason, Assert.Single(shop.Ledger(LedgerKind.Skip)).Summary, StringComparison.Ordinal);
        Assert.Single(shop.Ledger(LedgerKind.RunStarted));
    }

    [Fact]
    public async Task Look_RunUnderWay_SkipsWithAnEntry()
    {
        using var shop = await ServedAsync();
        await LogAsync(shop, 300, temp: 3);
        using var running = RunLock.Take(shop.Workspace.StateFolder);

        Assert.Null((await LookAsync(shop, shop.Define())).Outcome);
        Assert.Contains("under way", Assert.Single(shop.Ledger(LedgerKind.Skip)).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_AcceptedInputsBreakTheContract_AreCounted()
    {
        using var shop = await ServedAsync();
        await LogAsync(shop, 120, temp: 3);

        var look = await LookAsync(shop, shop.Define(
            more: "contract: { columns: { temp: { range: { max: 1, action: warn } } } }\nretraining: { enabled: false }"));

        Assert.Contains("temp range in 120 rows", look.Summary, StringComparison.Ordinal);
        var broken = Assert.Single(shop.Ledger(LedgerKind.Watch)[^1].Evidence["violations"]!.AsArray());
        Assert.Equal("warn", broken!["action"]!.GetValue<string>());
    }

    [Fact]
    public async Task Look_CannotRead_IsInTheLedger()
    {
        using var shop = await ServedAsync();
        File.Delete(Path.Combine(
            shop.Workspace.Registry.Get(ShopWorkspace.Model, 1).Folder, PackageStep.ReferenceProfileFile));

        await Assert.ThrowsAnyAsync<Exception>(() => LookAsync(shop, shop.Define()));

        Assert.Contains("reference_profile.json",
            Assert.Single(shop.Ledger(LedgerKind.WatchFailed)).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_Starts_LooksSoon()
    {
        using var shop = await ServedAsync();
        await shop.SaveAsync(shop.Define(more: "monitoring: { every: 1s }"));

        await using var server = await shop.ServeAsync(loop: true);

        await Eventually.HoldsAsync(() => shop.Ledger(LedgerKind.Watch).Count > 0);
    }

    private static Task<LookResult> LookAsync(ShopWorkspace shop, PipelineDefinition definition) =>
        new Watcher(shop.Workspace, shop.Runner).LookAsync(definition, null, CancellationToken.None);

    /// <summary>A champion whose cooldown is over, and serving's tables.</summary>
    private static async Task<ShopWorkspace> ServedAsync()
    {
        var shop = new ShopWorkspace();
        Assert.True((await shop.RunAsync(shop.Define())).Promoted);
        await using (await shop.ServeAsync())
            shop.Time.Now += _beyondCooldown;
        return shop;
    }

    /// <summary>Predictions of version 1 in the hour before now, right but for the noise of the source.</summary>
    private static Task LogAsync(ShopWorkspace shop, int rows, double? temp = null, Func<double, double>? actual = null) =>
        shop.Workspace.Database.WriteAsync(connection =>
        {
            for (var i = 0; i < rows; i++)
            {
                var row = ShopWorkspace.Row(5000 + i);
                var heat = temp ?? double.Parse(row.Temp, CultureInfo.InvariantCulture);
                var predicted = (10 * heat) + (row.Kind == "b" ? 3 : 0) + 2;
                var at = shop.Time.Now.AddHours(-1).AddSeconds(i);
                PredictionBlocks.Insert(connection, "shop", 1, $"p{i:00000}", at,
                    new JsonObject { ["temp"] = heat, ["kind"] = row.Kind }.ToJsonString(),
                    predicted.ToString("R", CultureInfo.InvariantCulture));
                if (actual is null) continue;
                connection.Execute("INSERT INTO gyre_feedback VALUES ($1, 'shop', $2, $3)", $"p{i:00000}",
                    actual(predicted).ToString("R", CultureInfo.InvariantCulture), at.ToUnixTimeMilliseconds());
            }
        }, CancellationToken.None);
}
