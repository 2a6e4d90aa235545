using System.Net;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Loop.Alerts;
using Gyre.Loop.Ledger;
using Gyre.Serving.Slots;
using Gyre.Tracking.Tests;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Alerts;

/// <summary>A champion whose package is broken, on the real host.</summary>
[Collection(PostgresTests.Name)]
public sealed class LoadAlertTests(PostgresServer server)
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Champion_Broken_OldOneAnswersAndReadinessAlertAndLedgerSayWhy(DatabaseKind kind)
    {
        await using var host = await HostFixture.StartAsync(store: Databases.Of(kind, server));
        var (registry, broken) = await BreakAsync(host);
        await registry.SetAliasAsync("bike", ModelAliases.Champion, 3);
        await FollowAsync(host);

        var alert = (await AlertsAsync(host, count: 1)).Single();
        Assert.Equal(("bike", 3), (alert.GetProperty("model").GetString(), alert.GetProperty("version").GetInt32()));
        var summary = alert.GetProperty("summary").GetString();
        Assert.StartsWith("kept serving version 1, because version 3 cannot be loaded: ", summary, StringComparison.Ordinal);
        Assert.Equal(1, (await host.PredictAsync()).Body.GetProperty("version").GetInt32());
        var (status, _, ready) = await host.SendAsync(HttpMethod.Get, "/v2/health/ready");
        var reason = ready.GetProperty("failures")[0].GetProperty("reason").GetString()!; // readiness says why
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.EndsWith(reason, summary, StringComparison.Ordinal);

        var entry = (await LedgerAsync(host)).Single();
        Assert.Equal(summary, entry.GetProperty("summary").GetString());
        var evidence = entry.GetProperty("evidence");
        Assert.Equal((1, 3, reason), (evidence.GetProperty("serving").GetInt32(),
            evidence.GetProperty("champion").GetInt32(), evidence.GetProperty("cause").GetString()));

        // Repaired: it takes over, and the alert ends with an entry of its own.
        File.Copy(Path.Combine(registry.Get("bike", 1).Folder, "model.onnx"), Path.Combine(broken, "model.onnx"), true);
        await Eventually.HoldsAsync(async () =>
        {
            await FollowAsync(host);
            return (await AlertsAsync(host)).Count == 0;
        });
        Assert.Equal(3, (await host.PredictAsync()).Body.GetProperty("version").GetInt32());
        Assert.Equal(["failed", "resolved"], (await LedgerAsync(host)).Select(Event));
        var ended = (await host.SendAsync(HttpMethod.Get, "/api/gyre/alerts?all=true")).Body.GetProperty("alerts")[0];
        Assert.Equal("version 3 is loaded after all", ended.GetProperty("resolution").GetString());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Champion_BrokenForSeveralServers_IsOneAlertWhichEndsWhenAnotherTakesOver(DatabaseKind kind)
    {
        await using var host = await HostFixture.StartAsync(store: Databases.Of(kind, server));
        var (registry, _) = await BreakAsync(host);
        await registry.SetAliasAsync("bike", ModelAliases.Champion, 3);
        await FollowAsync(host);
        Assert.Single(await AlertsAsync(host, count: 1));

        // Another server of the database meets the same.
        var alerts = host.App.Services.GetRequiredService<AlertStore>();
        var again = new Alert(0, "bike", AlertKind.ModelLoad, 3, "the same", TimeProvider.System.GetUtcNow());
        var entry = new LedgerEntry(0, again.OpenedAt, "bike", LedgerKind.ModelLoad, "the same", null, 3, []);
        Assert.False(await alerts.OpenAsync(again, entry, CancellationToken.None));
        Assert.Single(await AlertsAsync(host));
        Assert.Single(await LedgerAsync(host));

        await registry.SetAliasAsync("bike", ModelAliases.Champion, 2);
        await FollowAsync(host);
        await Eventually.HoldsAsync(async () => (await AlertsAsync(host)).Count == 0);
        Assert.Equal("version 2 answers instead", alerts.List("bike").Single().Resolution);
        Assert.True(await alerts.OpenAsync(again, entry, CancellationToken.None)); // the next time is a new one
    }

    [Fact]
    public async Task Version_ThatDoesNotExist_IsNoAlert()
    {
        await using var host = await HostFixture.StartAsync();
        await BreakAsync(host);
        const string body = """{"inputs":[{"name":"hr","shape":[1],"datatype":"INT64","data":[8]}]}""";
        var absent = await host.SendAsync(HttpMethod.Post, "/v2/models/bike/versions/99/infer", body);
        Assert.Equal(HttpStatusCode.NotFound, absent.Status);
        var broken = await host.SendAsync(HttpMethod.Post, "/v2/models/bike/versions/3/infer", body);
        Assert.NotEqual(HttpStatusCode.OK, broken.Status);
        Assert.Equal(3, (await AlertsAsync(host, count: 1)).Single().GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Resolve_ByHand_EndsTheAlertOnce()
    {
        await using var host = await HostFixture.StartAsync();
        var (registry, _) = await BreakAsync(host);
        await registry.SetAliasAsync("bike", ModelAliases.Champion, 3);
        await FollowAsync(host);
        var id = (await AlertsAsync(host, count: 1)).Single().GetProperty("id").GetInt64();
        var path = $"/api/gyre/alerts/{id}/resolve";

        var (wrong, type, _) = await host.SendAsync(HttpMethod.Post, path, """{"reason":1}""");
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (wrong, type));
        var (status, _, body) = await host.SendAsync(HttpMethod.Post, path, """{"reason":"known"}""");
        Assert.Equal((HttpStatusCode.OK, "known"), (status, body.GetProperty("resolution").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Post, path, "{}")).Status);
        Assert.Empty(await AlertsAsync(host));
    }

    [Theory]
    [InlineData("/api/gyre/alerts?all=perhaps", "neither true nor false")]
    [InlineData("/api/gyre/ledger?kind=gossip", "'gossip' is none of watch")]
    [InlineData("/api/gyre/ledger?kind=99", "'99' is none of watch")]
    [InlineData("/api/gyre/ledger?last=0", "from 1 to 10000")]
    public async Task Get_WrongQuery_IsAProblem(string path, string cause)
    {
        await using var host = await HostFixture.StartAsync();
        var (status, _, body) = await host.SendAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(cause, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    // Version 3 is a package that is no model.
    private static async Task<(ModelRegistry Registry, string Folder)> BreakAsync(HostFixture host)
    {
        var registry = host.App.Services.GetRequiredService<ModelRegistry>();
        var folder = registry.Get("bike", 1).Folder + "-broken";
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "model.onnx"), "half a file");
        await registry.CreateVersionAsync("bike", folder, runId: null);
        return (registry, folder);
    }

    private static Task FollowAsync(HostFixture host) =>
        host.App.Services.GetRequiredService<ChampionFollower>().RefreshAsync(CancellationToken.None);

    private static async Task<List<JsonElement>> AlertsAsync(HostFixture host, int? count = null)
    {
        List<JsonElement> alerts = [];
        await Eventually.HoldsAsync(async () =>
        {
            var (_, _, body) = await host.SendAsync(HttpMethod.Get, "/api/gyre/alerts?model=bike");
            alerts = [.. body.GetProperty("alerts").EnumerateArray()];
            return count is null || alerts.Count == count;
        });
        return alerts;
    }

    private static async Task<List<JsonElement>> LedgerAsync(HostFixture host) =>
        [.. (await host.SendAsync(HttpMethod.Get, "/api/gyre/ledger?model=bike&kind=model-load")).Body
            .GetProperty("entries").EnumerateArray()];

    private static string? Event(JsonElement entry) =>
        entry.GetProperty("evidence").GetProperty("event").GetString();
}
