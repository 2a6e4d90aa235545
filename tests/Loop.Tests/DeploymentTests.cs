using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Loop.Deployment;
using Gyre.Loop.Ledger;
using Gyre.Primitives;
using Microsoft.AspNetCore.Builder;

namespace Gyre.Loop.Tests;

/// <summary>`deployment` of gyre.yaml: runs, the real server, and the traffic policy between them.</summary>
public class DeploymentTests
{
    private const string Canary =
        "deployment: { policy: canary, steps: [50, 100], min_requests: 5, min_duration: 1m, key: 'column:kind' }";

    // Better than the dummy, worse than what comes next.
    private const string Weak = "trainers: [{ boosting: { rounds: 3 } }]";

    [Fact]
    public async Task Canary_NoGuardObjects_BecomesChampionStepByStepByItself()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define(training: Weak, more: Canary));
        Assert.Equal(1, shop.Champion); // the first has nobody to be compared with
        await using var server = await shop.ServeAsync();
        using var client = Client(server);

        var outcome = await shop.RunAsync(shop.Define(more: Canary));

        Assert.Equal((2, false, "canary"), (outcome.Version, outcome.Promoted, outcome.TriedOut));
        Assert.Equal(1, shop.Champion);
        var begun = shop.Ledger(LedgerKind.Deployment).Single();
        Assert.Equal((outcome.RunId, 2), (begun.RunId, begun.Version));
        Assert.Equal("version 2 is tried out as canary: all 6 gates passed", begun.Summary);
        Assert.Equal(["policy-set"], Traffic(shop));
        Assert.True(File.Exists(Path.Combine(
            shop.Workspace.Artifacts.FolderOf(shop.Workspace.Runs.Get(outcome.RunId)), "evaluation", "report.html")));

        var seen = new HashSet<int>();
        await Eventually.HoldsAsync(async () =>
        {
            for (var i = 0; i < 6; i++) seen.UnionWith([await PredictAsync(client, "abc"[i % 3]), await PredictAsync(client, 'd', i)]);
            shop.Time.Now += TimeSpan.FromMinutes(2);
            return shop.Champion == 2;
        });
        Assert.Equal([1, 2], seen.Order());
        Assert.Equal(["policy-set", "step", "finished"], Traffic(shop));
        Assert.Null(shop.Workspace.Traffic.ActivePolicy(ShopWorkspace.Model));
    }

    [Fact]
    public async Task Canary_ThatCannotBeLoaded_IsTakenBackByItself()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define(training: Weak));
        await shop.RunAsync(shop.Define(more: Canary));
        var package = shop.Workspace.Registry.Get(ShopWorkspace.Model, 2).Folder;
        await File.WriteAllTextAsync(Path.Combine(package, "model.onnx"), "half a file");

        await using var server = await shop.ServeAsync();
        await Eventually.HoldsAsync(() => shop.Workspace.Traffic.ActivePolicy(ShopWorkspace.Model) is null);

        Assert.Equal(["policy-set", "rolled-back"], Traffic(shop));
        Assert.Equal(1, shop.Champion);
        using var client = Client(server);
        Assert.Equal(1, await PredictAsync(client, 'a'));
    }

    [Fact]
    public async Task Run_WhileACanaryIsUnderWay_LeavesItAndItsCandidateIsChallenger()
    {
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define(training: Weak));
        await shop.RunAsync(shop.Define(more: Canary));

        var third = await shop.RunAsync(shop.Define(more: Canary));

        Assert.Equal((3, false, null), (third.Version, third.Promoted, third.TriedOut));
        Assert.Equal(3, shop.Alias(Tracking.ModelAliases.Challenger));
        Assert.True(shop.Workspace.Traffic.IsTriedOut(ShopWorkspace.Model, 2));
        Assert.Contains("'canary' of 'shop' is under way", shop.Ledger(LedgerKind.Refusal)[^1].Summary, StringComparison.Ordinal);
        using var nobody = new HttpClient();
        var drill = await Assert.ThrowsAsync<GyreException>(
            () => new RollbackDrill(shop.Workspace, nobody).RunAsync(ShopWorkspace.Model, CancellationToken.None));
        Assert.Contains("a drill would end it", drill.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shadow_GivesWayToTheNext_AndAPersonPromotes()
    {
        const string shadow = "deployment: { policy: shadow, sample: 0.5 }";
        using var shop = new ShopWorkspace();
        await shop.RunAsync(shop.Define(training: Weak));
        Assert.Equal("shadow", (await shop.RunAsync(shop.Define(more: shadow))).TriedOut);
        var next = await shop.RunAsync(shop.Define(more: shadow));

        Assert.Equal(("shadow", 1), (next.TriedOut, shop.Champion));
        Assert.True(shop.Workspace.Traffic.IsTriedOut(ShopWorkspace.Model, 3));
        await shop.Workspace.Traffic.PromoteAsync(ShopWorkspace.Model, null, "a person", "", CancellationToken.None);
        Assert.Equal(3, shop.Champion);
    }

    [Fact]
    public void Parse_Defaults_AreThoseOfTraffic()
    {
        using var shop = new ShopWorkspace();
        Assert.Null(shop.Define().Deployment.TrafficFor(2));
        var policy = shop.Define(more: "deployment: { policy: canary }").Deployment.TrafficFor(7)!.Value; // it has one
        Assert.Equal((7, "[1,5,25,100]", 100, "600s", "604800s"), (policy.GetProperty("challenger").GetInt32(),
            policy.GetProperty("steps").GetRawText(), policy.GetProperty("minRequests").GetInt32(),
            policy.GetProperty("minDuration").GetString(), policy.GetProperty("maxDuration").GetString()));
    }

    [Theory]
    [InlineData("policy: bluegreen", "deployment.policy: 'bluegreen' is not one of promote, canary, shadow")]
    [InlineData("policy: promote, steps: [1, 100]", "deployment.steps: is not a setting here; known are policy")]
    [InlineData("policy: canary, steps: [5, 1, 100]", "deployment.steps: '1' is no percentage above the one before")]
    [InlineData("policy: canary, steps: [5]", "deployment.steps: do not end with 100")]
    [InlineData("policy: canary, min_requests: 0", "deployment.min_requests: '0' is not a whole number within 1..")]
    [InlineData("policy: canary, min_duration: 8d", "deployment.min_duration: max_duration, 7d, is not longer than min_duration, 8d")]
    [InlineData("policy: canary, key: 'column:colour'", "deployment.key: 'colour' is no column")]
    [InlineData("policy: canary, key: 'column:y'", "deployment.key: 'y' is no column")]
    [InlineData("policy: canary, key: cookie", "deployment.key: is neither 'header' nor")]
    [InlineData("policy: canary, guards: { error: 1 }", "deployment.guards.error: is not a setting here")]
    [InlineData("policy: canary, guards: { metric: rmse }", "deployment.guards.metric: 'rmse' is not one of absolute_error")]
    [InlineData("policy: shadow, sample: 0", "deployment.sample: must be above 0")]
    public void Parse_Mistake_NamesLineAndCause(string settings, string cause)
    {
        using var shop = new ShopWorkspace(rows: 1);
        var error = Assert.Throws<GyreException>(() => shop.Define(more: $"deployment: {{ {settings} }}"));
        Assert.Contains($"gyre.yaml:9: {cause}", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string?> Traffic(ShopWorkspace shop) =>
        shop.Ledger(LedgerKind.Traffic).Select(entry => (string?)entry.Evidence["event"]);

    private static HttpClient Client(WebApplication server) => new() { BaseAddress = new Uri(server.Urls.First()) };

    private static async Task<int> PredictAsync(HttpClient client, char kind, int number = 0)
    {
        var row = string.Create(CultureInfo.InvariantCulture,
            $$"""{"temp":0.5,"kind":"{{kind}}{{(number == 0 ? "" : number)}}"}""");
        using var response = await client.PostAsJsonAsync(
            new Uri("predict/shop", UriKind.Relative), JsonElement.Parse($$"""{"rows":[{{row}}]}"""));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text).GetProperty("version").GetInt32();
    }
}
