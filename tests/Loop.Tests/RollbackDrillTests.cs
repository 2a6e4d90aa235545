using Gyre.Fixtures;
using Gyre.Loop.Deployment;
using Gyre.Loop.Ledger;
using Gyre.Loop.Runs;
using Gyre.Primitives;
using Gyre.Tracking;
using Microsoft.AspNetCore.Builder;

namespace Gyre.Loop.Tests;

public class RollbackDrillTests
{
    [Theory]
    [InlineData("never another champion", 1, 2)]
    [InlineData("a refused challenger", 1, 3)]
    [InlineData("a champion before", 2, 1)]
    public async Task Run_RealServer_ServesTheSameBitsAgain(string history, int champion, int standIn)
    {
        using var shop = new ShopWorkspace();
        if (history == "never another champion") await shop.RunAsync(shop.Define());
        else await PromotionTests.TwoVersionsAsync(shop);
        if (history == "a champion before")
        {
            await shop.Workspace.Registry.SetAliasAsync(
                ShopWorkspace.Model, ModelAliases.Champion, 2, "test", CancellationToken.None);
        }

        await using var server = await shop.ServeAsync();
        using var client = Client(server);

        var result = await new RollbackDrill(shop.Workspace, client).RunAsync(ShopWorkspace.Model, CancellationToken.None);

        Assert.True(result.Ok);
        Assert.Equal((champion, standIn, champion), (result.Champion, result.StandIn, shop.Champion));
        Assert.True(result.Rows > 0);
        Assert.Equal(["started", "passed"], States(shop));
    }

    [Fact]
    public async Task Run_ServerDoesNotAnswer_GivesTheChampionBackAndSaysSo()
    {
        using var shop = new ShopWorkspace();
        await PromotionTests.TwoVersionsAsync(shop);
        await using var server = await shop.ServeAsync();
        using var client = new HttpClient(new DiesAfter(3)) { BaseAddress = Client(server).BaseAddress };

        await Assert.ThrowsAsync<HttpRequestException>(
            () => new RollbackDrill(shop.Workspace, client).RunAsync(ShopWorkspace.Model, CancellationToken.None));

        Assert.Equal(1, shop.Champion);
        Assert.Equal("failed", States(shop)[^1]);
    }

    [Fact]
    public async Task Run_RolledBackByHandMeanwhile_GoesNoStepFurther()
    {
        using var shop = new ShopWorkspace();
        var promotion = await PromotionTests.TwoVersionsAsync(shop);
        await promotion.PromoteAsync(ShopWorkspace.Model, 2, PromotionTests.Entry(shop, "by hand"), CancellationToken.None);
        await using var server = await shop.ServeAsync();
        using var client = new HttpClient(new OnceServed(1, () => promotion.RollBackAsync(
            ShopWorkspace.Model, "by hand", CancellationToken.None))) { BaseAddress = Client(server).BaseAddress };

        var result = await new RollbackDrill(shop.Workspace, client).RunAsync(ShopWorkspace.Model, CancellationToken.None);

        Assert.True(result.Ok);
        Assert.Equal((2, 2), (result.Champion, shop.Champion));
    }

    [Fact]
    public async Task Run_PipelineRunUnderWay_IsAConflict()
    {
        using var shop = new ShopWorkspace();
        using var running = RunLock.Take(shop.Workspace.StateFolder);
        using var client = new HttpClient();

        var error = await Assert.ThrowsAsync<GyreException>(
            () => new RollbackDrill(shop.Workspace, client).RunAsync(ShopWorkspace.Model, CancellationToken.None));

        Assert.Equal(ErrorCode.Conflict, error.Code);
    }

    [Fact]
    public async Task Recovery_DrillCutShort_GivesTheChampionBackOnce()
    {
        using var shop = new ShopWorkspace();
        await CutShortAsync(shop);

        await shop.RunAsync(shop.Define("[kind]"));

        Assert.Equal(1, shop.Champion);
        var rollback = Assert.Single(shop.Ledger(LedgerKind.Rollback));
        Assert.Contains("cut short", rollback.Summary, StringComparison.Ordinal);
        Assert.Equal(["started", "failed"], States(shop));
        await shop.RunAsync(shop.Define("[kind]"));
        Assert.Single(shop.Ledger(LedgerKind.Rollback));
    }

    [Fact]
    public async Task Recovery_StandInPromotedSince_StaysChampion()
    {
        using var shop = new ShopWorkspace();
        var promotion = await CutShortAsync(shop);
        await promotion.RollBackAsync(ShopWorkspace.Model, "by hand", CancellationToken.None);
        await promotion.PromoteAsync(ShopWorkspace.Model, 2, PromotionTests.Entry(shop, "wanted"), CancellationToken.None);

        await new Recovery(shop.Workspace).RunAsync(CancellationToken.None);

        Assert.Equal(2, shop.Champion);
    }

    [Fact]
    public async Task Recovery_ServerStarts_GivesTheChampionBack()
    {
        using var shop = new ShopWorkspace();
        await CutShortAsync(shop);
        await shop.SaveAsync(shop.Define());

        await using var server = await shop.ServeAsync(loop: true);

        await Eventually.HoldsAsync(() => shop.Champion == 1);
        Assert.Equal(["started", "failed"], States(shop));
    }

    [Fact]
    public async Task Recovery_NextDrill_GivesTheChampionBackFirst()
    {
        using var shop = new ShopWorkspace();
        await CutShortAsync(shop);
        await using var server = await shop.ServeAsync();
        using var client = Client(server);

        var result = await new RollbackDrill(shop.Workspace, client).RunAsync(ShopWorkspace.Model, CancellationToken.None);

        Assert.True(result.Ok);
        Assert.Equal((1, 1), (result.Champion, shop.Champion));
        Assert.Equal(["started", "failed", "started", "passed"], States(shop));
    }

    /// <summary>The state that a drill killed in the middle leaves: the stand-in is champion.</summary>
    private static async Task<Promotion> CutShortAsync(ShopWorkspace shop)
    {
        var promotion = await PromotionTests.TwoVersionsAsync(shop);
        await promotion.PromoteAsync(ShopWorkspace.Model, 2,
            DrillStates.Entry(shop.Workspace, ShopWorkspace.Model, 2, DrillStates.Started, "drill"), CancellationToken.None);
        Assert.Equal(2, shop.Workspace.Registry.GetByAlias(ShopWorkspace.Model, ModelAliases.Champion)!.Version);
        return promotion;
    }

    private static List<string> States(ShopWorkspace shop) =>
        [.. shop.Ledger(LedgerKind.Drill).Select(e => e.Evidence["state"]!.GetValue<string>())];

    private static HttpClient Client(WebApplication server) => new() { BaseAddress = new Uri(server.Urls.First()) };

    /// <summary>Acts when the server first says that it serves a version.</summary>
    private sealed class OnceServed(int version, Func<Task> act) : DelegatingHandler(new SocketsHttpHandler())
    {
        private bool _done;

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            if (_done || !text.Contains($"\"versions\":[\"{version}\"]", StringComparison.Ordinal)) return answer;
            _done = true;
            await act();
            return answer;
        }
    }

    private sealed class DiesAfter(int requests) : DelegatingHandler(new SocketsHttpHandler())
    {
        private int _left = requests;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _left-- > 0 ? base.SendAsync(request, cancellationToken) : throw new HttpRequestException("the connection was refused");
    }
}
