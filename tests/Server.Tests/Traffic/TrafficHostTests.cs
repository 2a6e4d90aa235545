using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Loop.Ledger;
using Gyre.Tracking.Tests;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Traffic;

/// <summary>Traffic policies on the real host with two real versions.</summary>
[Collection(PostgresTests.Name)]
public sealed class TrafficHostTests(PostgresServer server)
{
    private const string Canary = """{"policy":"canary","challenger":2,"steps":[50,100],"minDuration":"1h"}""";

    [Theory, OnSqlite, OnPostgres]
    public async Task Canary_SetAndTakenBack_IsInTheLedgerWithoutALoop(DatabaseKind kind)
    {
        await using var host = await HostFixture.StartAsync(store: Databases.Of(kind, server));
        var (status, _, body) = await host.SendAsync(HttpMethod.Put, "/api/gyre/traffic/bike", Canary);
        Assert.Equal(("OK", "running"), (status.ToString(), body.GetProperty("status").GetString()));
        await host.SendAsync(HttpMethod.Post, "/api/gyre/traffic/bike/rollback", """{"reason":"looks odd"}""");
        var entries = new LedgerStore(host.App.Services.GetRequiredService<TrackingDatabase>())
            .List("bike", LedgerKind.Traffic);
        Assert.Equal(["policy-set", "rolled-back"], entries.Select(entry => (string?)entry.Evidence["event"]));
        Assert.Equal(2, entries[1].Version);
        Assert.Contains("looks odd", entries[1].Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_Wrong_IsAProblem()
    {
        await using var host = await HostFixture.StartAsync();
        var (status, type, body) = await host.SendAsync(
            HttpMethod.Put, "/api/gyre/traffic/bike", """{"policy":"canary","challenger":2,"stepz":[1]}""");
        Assert.Equal((400, "application/problem+json"), ((int)status, type));
        Assert.Contains("stepz", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kill_InMidCanary_ResumesWithTheSameKeysInTheSameArms()
    {
        using var workspace = new TemporaryFolder();
        await BikePackage.RegisterAsync(workspace.Path);
        List<int> before;
        using (var server = Start(workspace.Path))
        {
            using var client = new HttpClient { BaseAddress = await AddressAsync(server) };
            using var policy = new StringContent(Canary, Encoding.UTF8, "application/json");
            using var set = await client.PutAsync("/api/gyre/traffic/bike", policy);
            Assert.True(set.IsSuccessStatusCode, await set.Content.ReadAsStringAsync());
            before = await SettledAsync(client);
            server.Kill(); // SIGKILL
            await server.WaitForExitAsync();
        }

        using var second = Start(workspace.Path);
        using var again = new HttpClient { BaseAddress = await AddressAsync(second) };
        Assert.Equal(before, await SettledAsync(again));
        var shown = await again.GetFromJsonAsync<JsonElement>("/api/gyre/traffic/bike");
        Assert.Equal(("running", 1), (shown.GetProperty("status").GetString(),
            shown.GetProperty("step").GetProperty("number").GetInt32()));
        second.Kill();
        await second.WaitForExitAsync();
    }

    // The versions of 20 keys, once the policy is followed: the challenger answers, too.
    private static async Task<List<int>> SettledAsync(HttpClient client)
    {
        List<int> before = [];
        while (true)
        {
            var versions = new List<int>();
            for (var key = 0; key < 20; key++) versions.Add(await VersionAsync(client, $"user {key}"));
            if (versions.Contains(2) && versions.SequenceEqual(before)) return versions;
            before = versions;
        }
    }

    private static async Task<int> VersionAsync(HttpClient client, string key)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/predict/bike");
            request.Headers.Add("X-Gyre-Key", key);
            request.Content = new StringContent($$"""{"rows":[{{BikePackage.Row}}]}""", Encoding.UTF8, "application/json");
            using var response = await client.SendAsync(request);
            if (!response.IsSuccessStatusCode) continue; // still loading the model
            return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("version").GetInt32();
        }
    }

    private static Process Start(string workspace) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(TrafficHostTests).Assembly.Location, workspace])
        {
            RedirectStandardOutput = true,
        })!; // null only where the shell starts it

    private static async Task<Uri> AddressAsync(Process server) =>
        new((await server.StandardOutput.ReadLineAsync())!); // the address
}
