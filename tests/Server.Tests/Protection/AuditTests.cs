using Gyre.Server.Protection;
using Gyre.Server.Protection.Audit;
using Gyre.Server.Protection.Keys;
using Gyre.Tracking.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Protection;

[Collection(PostgresTests.Name)]
public sealed class AuditTests(PostgresServer server)
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Send_Changes_AreToldWithWhoWhatAndOutcome(DatabaseKind kind)
    {
        await using var host = await GuardedHost.StartAsync(AnonymousAccess.Loopback, Databases.Of(kind, server));
        var reader = await host.KeyAsync(Scopes.TrackingRead | Scopes.Predict, "reader");
        const string alias = "/api/2.0/mlflow/registered-models/alias";
        var body = new StringContent("""{"name":"bike","alias":"next","version":"2"}""", null, "application/json");
        Assert.Equal(200, await host.StatusAsync("POST", alias, with: r =>
        {
            r.Content = body;
            r.Headers.Add("X-Request-ID", "request-1");
        }));
        Assert.Equal(403, await host.StatusAsync("POST", alias, reader));
        Assert.Equal(404, await host.StatusAsync("DELETE", "/api/2.0/mlflow/model-versions/delete",
            with: r => r.Content = new StringContent("""{"name":"none","version":"1"}""", null, "application/json")));
        Assert.Equal(200, await host.StatusAsync("POST", "/predict/bike", reader));
        Assert.Equal(401, await host.StatusAsync("POST", alias, "nonsense"));

        var entries = await EntriesAsync(host, 4);
        Assert.Equal(["CLI", "POST", "POST", "DELETE"], entries.Select(entry => entry.Method));
        Assert.Equal(("keys create", "name=reader scopes=predict,tracking:read"), (entries[0].Route, entries[0].Resource));
        Assert.Equal(("anonymous", alias, "name=bike version=2 alias=next", 200, "request-1"),
            (entries[1].Caller, entries[1].Route, entries[1].Resource, entries[1].Status, entries[1].RequestId));
        Assert.Equal(("reader", 403, reader[5..21]), (entries[2].Caller, entries[2].Status, entries[2].KeyId));
        Assert.Contains("127.0.0.1", entries[3].Address, StringComparison.Ordinal);
        Assert.Equal(("name=none version=1", 404), (entries[3].Resource, entries[3].Status));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Append_MoreThanAreKept_ForgetsTheOldest(DatabaseKind kind)
    {
        await using var host = await GuardedHost.StartAsync(
            AnonymousAccess.Loopback, Databases.Of(kind, server), with: options => options with { AuditEntriesKept = 3 });
        for (var i = 0; i < 6; i++)
        {
            await host.StatusAsync("DELETE", "/api/2.0/mlflow/registered-models/delete",
                with: r => r.Content = new StringContent($$"""{"name":"m{{i}}"}""", null, "application/json"));
            await EntriesAsync(host, Math.Min(i + 1, 3), $"name=m{i}");
        }
    }

    private static async Task<IReadOnlyList<AuditEntry>> EntriesAsync(GuardedHost host, int count, string? newest = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var store = host.Fixture.App.Services.GetRequiredService<AuditStore>();
        while (true)
        {
            var entries = store.List(null, 100);
            if (entries.Count == count && (newest is null || entries[^1].Resource == newest)) return entries;
            await Task.Delay(20, patience.Token);
        }
    }
}
