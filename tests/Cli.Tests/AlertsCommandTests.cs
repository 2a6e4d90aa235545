using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Tracking;

namespace Gyre.Cli.Tests;

public class AlertsCommandTests
{
    [Fact]
    public async Task Up_ChampionThatIsNoModel_AlertAndLedgerSayWhyAndTheAlertIsEndedByHand()
    {
        using var folder = new TemporaryFolder();
        await RegisterAsync(folder);
        var url = $"http://127.0.0.1:{GyreProcess.FreePort()}";
        using (GyreProcess.Start(folder.Path, "up", "--urls", url, "--grpc-urls", "none"))
        {
            var alerts = JsonDocument.Parse("[]").RootElement;
            await Eventually.HoldsAsync(async () =>
            {
                alerts = JsonElement.Parse((await RunAsync(folder, "alerts", "--json")).Output);
                return alerts.GetArrayLength() > 0;
            });
            Assert.Equal(1, alerts[0].GetProperty("version").GetInt32());
        }

        var shown = (await RunAsync(folder, "alerts", "--model", "bike")).Output;
        Assert.Contains("the model is not served, because version 1 cannot be loaded: ", shown, StringComparison.Ordinal);
        var ledger = (await RunAsync(folder, "ledger", "--kind", "model-load")).Output;
        Assert.Contains("version 1 cannot be loaded: ", ledger, StringComparison.Ordinal);
        await RunAsync(folder, "alerts", "resolve", "1", "--reason", "not needed");
        Assert.Contains("There are no alerts.", (await RunAsync(folder, "alerts")).Output, StringComparison.Ordinal);
        Assert.Contains("not needed", (await RunAsync(folder, "alerts", "--all")).Output, StringComparison.Ordinal);
        var again = await GyreProcess.RunAsync(folder.Path, "alerts", "resolve", "1");
        Assert.Equal((2, true), (again.ExitCode, again.Errors.Contains("no open alert 1", StringComparison.Ordinal)));
    }

    private static async Task<GyreResult> RunAsync(TemporaryFolder folder, params string[] arguments) =>
        (await GyreProcess.RunAsync(folder.Path, arguments)).Succeeded();

    private static async Task RegisterAsync(TemporaryFolder folder)
    {
        using var database = TrackingDatabase.Open(folder.File(".gyre/gyre.db"));
        var registry = new ModelRegistry(
            database, new ArtifactStore(folder.File(".gyre/artifacts")), TimeProvider.System);
        var package = Directory.CreateDirectory(folder.File(".gyre/artifacts/broken"));
        await registry.CreateVersionAsync("bike", package.FullName, runId: null);
        await registry.SetAliasAsync("bike", ModelAliases.Champion, 1);
    }
}
