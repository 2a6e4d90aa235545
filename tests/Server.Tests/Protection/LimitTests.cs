using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Server.Protection.Keys;
using Gyre.Server.Protection.Limits;
using Gyre.Tracking;
using Gyre.Tracking.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Protection;

public sealed class LimitTests
{
    [Fact]
    public void Take_Hammered_GivesExactlyTheRate()
    {
        var time = new ManualClock();
        var gate = new RateGate(new RateLimit(100, TimeSpan.FromSeconds(1)), time);
        Assert.Equal(100, Hammer(gate)); // at once, after a quiet time
        time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(50, Hammer(gate));
        Assert.Equal(TimeSpan.FromMilliseconds(10), gate.Take());
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(100, Hammer(gate));
    }

    [Theory]
    [InlineData("POST", "/predict/bike", "detail")]
    [InlineData("GET", "/v2", "error")]
    [InlineData("GET", "/api/2.0/mlflow/experiments/search?max_results=1", "message")]
    public async Task Send_BeyondTheRate_Is429InTheRoutesForm(string method, string path, string field)
    {
        var time = new ManualClock();
        await using var host = await GuardedHost.StartAsync(time: time);
        var key = await host.KeyAsync(Scopes.Admin, with: r => r with { Rate = RateLimit.Parse("2/m") });
        Assert.Equal((200, 200), (await host.StatusAsync(method, path, key), await host.StatusAsync(method, path, key)));
        using var refused = await host.SendAsync(method, path, key);
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(30), refused.Headers.RetryAfter?.Delta);
        var body = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
        Assert.Contains("2/m", body.GetProperty(field).GetString(), StringComparison.Ordinal);
        if (field == "message") Assert.Equal("REQUEST_LIMIT_EXCEEDED", body.GetProperty("error_code").GetString());
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(200, await host.StatusAsync(method, path, key));
    }

    [Fact]
    public async Task Send_BeyondTheQuota_Is429UntilThePeriodEndsAlsoAfterARestart()
    {
        using var folder = new TemporaryFolder();
        var (store, time) = (StoreAddress.OfFile(folder.File("keys.db")), new ManualClock()); // 15:09:26
        string key;
        await using (var host = await GuardedHost.StartAsync(store: store, time: time))
        {
            key = await host.KeyAsync(Scopes.Predict, with: r => r with { Quota = Quota.Parse("2/day") });
            Assert.Equal((200, 200), (await host.StatusAsync("GET", "/v2", key), await host.StatusAsync("GET", "/v2", key)));
            Assert.Equal(429, await host.StatusAsync("GET", "/v2", key));
        }

        await using var again = await GuardedHost.StartAsync(store: store, time: time);
        using var refused = await again.SendAsync("GET", "/v2", key);
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds((8 * 60 + 50) * 60 + 34), refused.Headers.RetryAfter?.Delta); // until midnight
        time.Advance(TimeSpan.FromHours(9));
        Assert.Equal(200, await again.StatusAsync("GET", "/v2", key));
    }

    internal static Task FlushAsync(GuardedHost host) =>
        host.Fixture.App.Services.GetRequiredService<UsageRecorder>().FlushAsync(CancellationToken.None);

    private static int Hammer(RateGate gate)
    {
        var taken = 0;
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 1000; i++)
            {
                if (gate.Take() == TimeSpan.Zero) Interlocked.Increment(ref taken);
            }
        });
        return taken;
    }
}

/// <summary>A quota over several servers.</summary>
[Collection(PostgresTests.Name)]
public sealed class SharedQuotaTests(PostgresServer postgres)
{
    [PostgresFact]
    public async Task Take_OnTwoServers_IsCountedTogether()
    {
        var store = StoreAddress.Parse(postgres.CreateDatabaseAddress());
        await using var first = await GuardedHost.StartAsync(store: store);
        var key = await first.KeyAsync(Scopes.Predict, with: r => r with { Quota = Quota.Parse("4/month") });
        await using var second = await GuardedHost.StartAsync(store: store);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(200, await first.StatusAsync("GET", "/v2", key));
            Assert.Equal(200, await second.StatusAsync("GET", "/v2", key));
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        foreach (var host in new[] { first, second })
        {
            // Each adds its two; until both have, a request would be counted and change the sum.
            while (Total(host) != 4) await Task.Delay(20, patience.Token);
        }

        await LimitTests.FlushAsync(first);
        await LimitTests.FlushAsync(second);
        Assert.Equal((429, 429), (await first.StatusAsync("GET", "/v2", key), await second.StatusAsync("GET", "/v2", key)));
    }

    private static long Total(GuardedHost host)
    {
        using var connection = host.Fixture.App.Services.GetRequiredService<TrackingDatabase>().OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(sum(used), 0)::bigint FROM gyre_api_usage";
        return (long)command.ExecuteScalar()!; // never NULL
    }
}
