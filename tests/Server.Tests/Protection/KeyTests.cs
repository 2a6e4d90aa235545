using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Server.Protection;
using Gyre.Server.Protection.Keys;
using Gyre.Tracking;
using Gyre.Tracking.Storage;
using Gyre.Tracking.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Protection;

[Collection(PostgresTests.Name)]
public sealed class KeyTests(PostgresServer server)
{
    private const string Experiments = "/api/2.0/mlflow/experiments/search?max_results=1";

    [Fact]
    public async Task Send_KeyInEachForm_IsAccepted()
    {
        await using var host = await GuardedHost.StartAsync();
        var key = await host.KeyAsync(Scopes.TrackingRead);
        Assert.Equal(200, await host.StatusAsync("GET", Experiments, key));
        Assert.Equal(200, await host.StatusAsync("GET", Experiments, with: r => r.Headers.Add("X-API-Key", key)));
        foreach (var user in new[] { "anybody", "", "with-a-name-of-some-length" })
        {
            var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{key}"));
            Assert.Equal(200, await host.StatusAsync("GET", Experiments,
                with: r => r.Headers.Authorization = new AuthenticationHeaderValue("Basic", basic)));
        }
    }

    [Theory]
    [InlineData("POST", "/predict/bike", "detail")]
    [InlineData("GET", "/v2/models/bike", "error")]
    [InlineData("GET", Experiments, "message")]
    [InlineData("GET", "/nowhere", "detail")]
    [InlineData("GET", "/predict/bike", "detail")]
    [InlineData("GET", "/metrics", "detail")]
    [InlineData("GET", "/version", "detail")]
    public async Task Send_NoKey_Is401InTheRoutesForm(string method, string path, string field)
    {
        await using var host = await GuardedHost.StartAsync();
        using var answer = await host.SendAsync(method, path);
        Assert.Equal(401, (int)answer.StatusCode);
        Assert.Equal(["Bearer", "Basic"], answer.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Contains("API key is needed", body.GetProperty(field).GetString(), StringComparison.Ordinal);
        if (field == "message") Assert.Equal("UNAUTHENTICATED", body.GetProperty("error_code").GetString());
    }

    [Theory]
    [InlineData("GET", "/health")]
    [InlineData("GET", "/v2/health/live")]
    [InlineData("GET", "/v2/health/ready")]
    public async Task Send_HealthWithoutKey_IsAnswered(string method, string path)
    {
        await using var host = await GuardedHost.StartAsync();
        Assert.Equal(200, await host.StatusAsync(method, path));
        Assert.Equal(200, await host.StatusAsync(method, path, "nonsense"));
    }

    [Theory]
    [InlineData("POST", "/predict/bike", Scopes.Predict)]
    [InlineData("GET", "/v2/models/bike", Scopes.Predict)]
    [InlineData("POST", "/feedback/bike", Scopes.Feedback)]
    [InlineData("GET", Experiments, Scopes.TrackingRead)]
    [InlineData("POST", "/api/2.0/mlflow/runs/search", Scopes.TrackingRead)]
    [InlineData("POST", "/ajax-api/2.0/mlflow/runs/create", Scopes.TrackingWrite)]
    [InlineData("POST", "/api/2.0/mlflow/registered-models/alias", Scopes.ModelsAdmin)]
    [InlineData("GET", "/metrics", Scopes.Metrics)]
    public async Task Send_KeyWithoutTheScope_Is403ThatNamesIt(string method, string path, Scopes scope)
    {
        await using var host = await GuardedHost.StartAsync();
        var others = Enum.GetValues<Scopes>().Where(s => s != scope && s != Scopes.Admin).Aggregate((a, b) => a | b);
        using var refused = await host.SendAsync(method, path, await host.KeyAsync(others, "others"));
        Assert.Equal(403, (int)refused.StatusCode);
        var text = await refused.Content.ReadAsStringAsync();
        Assert.Contains($"'{ScopeNames.Format(scope)}'", text, StringComparison.Ordinal);
        if (path.Contains("mlflow", StringComparison.Ordinal))
            Assert.Contains("PERMISSION_DENIED", text, StringComparison.Ordinal);
        Assert.NotEqual(403, await host.StatusAsync(method, path, await host.KeyAsync(scope, "right")));
        Assert.NotEqual(403, await host.StatusAsync(method, path, await host.KeyAsync(Scopes.Admin, "admin")));
    }

    [Fact]
    public async Task Send_GrpcWithoutKey_IsAStatusInHeaders()
    {
        await using var host = await GuardedHost.StartAsync();
        using var answer = await host.SendAsync("POST", "/inference.GRPCInferenceService/ModelInfer",
            with: r => r.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/grpc")); // POST has a body
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("16", answer.Headers.GetValues("grpc-status").Single());
        Assert.Contains("API key", Uri.UnescapeDataString(answer.Headers.GetValues("grpc-message").Single()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("gyre_aaaaaaaaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("gyre_ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Send_WrongKeyFromLoopback_IsRefusedAlsoWhereNoneIsNeeded(string key)
    {
        await using var host = await GuardedHost.StartAsync(AnonymousAccess.Loopback);
        await host.KeyAsync(Scopes.Admin);
        Assert.Equal(200, await host.StatusAsync("GET", "/v2"));
        Assert.Equal(401, await host.StatusAsync("GET", "/v2", with: r =>
            r.Headers.TryAddWithoutValidation("X-API-Key", Uri.EscapeDataString(key))));
        Assert.Equal(401, await host.StatusAsync("GET", "/v2", with: r =>
            r.Headers.TryAddWithoutValidation("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(key))}")));
        Assert.Equal(401, await host.StatusAsync("GET", "/v2", with: r =>
            r.Headers.TryAddWithoutValidation("Authorization", "Negotiate abc")));
    }

    [Fact]
    public async Task Predict_KeyForOtherModels_Is403()
    {
        await using var host = await GuardedHost.StartAsync();
        var bike = await host.KeyAsync(Scopes.Predict, "bike", r => r with { Models = ["other", "bike"] });
        var other = await host.KeyAsync(Scopes.Predict, "other", r => r with { Models = ["other"] });
        Assert.Equal(200, await host.StatusAsync("POST", "/predict/bike", bike));
        using var refused = await host.SendAsync("POST", "/predict/bike", other);
        Assert.Equal(403, (int)refused.StatusCode);
        Assert.Contains("'bike'", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Send_ExpiredKey_Is401ThatSaysSo(DatabaseKind kind)
    {
        var time = new ManualClock();
        await using var host = await GuardedHost.StartAsync(store: Databases.Of(kind, server), time: time);
        var key = await host.KeyAsync(Scopes.Predict, with: r => r with { Lifetime = TimeSpan.FromDays(90) });
        time.Advance(TimeSpan.FromDays(90) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(200, await host.StatusAsync("GET", "/v2", key));
        time.Advance(TimeSpan.FromMilliseconds(1));
        using var answer = await host.SendAsync("GET", "/v2", key);
        Assert.Equal(401, (int)answer.StatusCode);
        Assert.Contains("has expired", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Rotate_Overlap_BothSecretsWorkUntilItEnds(DatabaseKind kind)
    {
        var time = new ManualClock();
        await using var host = await GuardedHost.StartAsync(store: Databases.Of(kind, server), time: time);
        var first = await host.KeyAsync(Scopes.Predict);
        var second = (await host.Keys.RotateAsync("test", TimeSpan.FromHours(1), CancellationToken.None)).Text;
        host.Refresh();
        Assert.Equal((200, 200), (await host.StatusAsync("GET", "/v2", first), await host.StatusAsync("GET", "/v2", second)));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((401, 200), (await host.StatusAsync("GET", "/v2", first), await host.StatusAsync("GET", "/v2", second)));
        Assert.Equal(first[..21], second[..21]); // the id stays
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Create_NameInUse_IsRefusedUntilItIsRevoked(DatabaseKind kind)
    {
        await using var host = await GuardedHost.StartAsync(store: Databases.Of(kind, server));
        await host.KeyAsync(Scopes.Predict);
        var error = await Assert.ThrowsAsync<GyreException>(() => host.KeyAsync(Scopes.Predict));
        Assert.Equal(ErrorCode.AlreadyExists, error.Code);
        await host.Keys.RevokeAsync("test", CancellationToken.None);
        await host.KeyAsync(Scopes.Predict);
        Assert.Equal([true, false], host.Keys.List().Select(key => key.RevokedAt is not null));
    }

    [Fact]
    public async Task Create_Key_IsStoredAsAHashAlone()
    {
        await using var host = await GuardedHost.StartAsync();
        var key = await host.KeyAsync(Scopes.Predict);
        var database = host.Fixture.App.Services.GetRequiredService<TrackingDatabase>();
        using var connection = database.OpenConnection();
        Assert.NotNull(connection.Scalar("SELECT 1 FROM gyre_api_keys WHERE key_id = $1", key[5..21]));
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(database.Path)!, "gyre.db*")) // a file has a folder
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var memory = new MemoryStream();
            await stream.CopyToAsync(memory);
            Assert.Equal(-1, memory.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(key[22..])));
        }
    }

    [Fact]
    public void Check_MillionsOfBadKeys_AllocateNothing()
    {
        var ring = new KeyRing(TimeProvider.System);
        var (hash, id) = (new byte[KeyText.HashLength], KeyText.NewId());
        var good = KeyText.NewKey(id);
        KeyText.Hash(good, hash);
        var key = new ApiKey { Id = id, Name = "k", Scopes = Scopes.Predict, CreatedAt = default };
        ring.Replace([new StoredKey(key, hash, null, null)]);
        Assert.Equal(KeyVerdict.Valid, ring.Check(good, out _));
        string[] bad = [good[..^1] + (good[^1] == 'a' ? 'b' : 'a'), KeyText.NewKey(KeyText.NewId()), new string('x', 4000), ""];
        foreach (var text in bad) Assert.Equal(KeyVerdict.Unknown, ring.Check(text, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100_000; i++) ring.Check(bad[i & 3], out _);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000);
    }
}

/// <summary>Several servers of one database.</summary>
[Collection(PostgresTests.Name)]
public sealed class SharedKeyTests(PostgresServer postgres)
{
    [PostgresFact]
    public async Task Revoke_OnOneServer_IsFollowedByTheOther()
    {
        var store = StoreAddress.Parse(postgres.CreateDatabaseAddress());
        await using var first = await GuardedHost.StartAsync(store: store);
        await using var second = await GuardedHost.StartAsync(store: store);
        var key = await first.KeyAsync(Scopes.Predict);
        await BecomesAsync(second, key, 200);
        await first.Keys.RevokeAsync("test", CancellationToken.None);
        await BecomesAsync(second, key, 401);
        await BecomesAsync(first, key, 401);
    }

    private static async Task BecomesAsync(GuardedHost host, string key, int status)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await host.StatusAsync("GET", "/v2", key) != status) await Task.Delay(20, patience.Token);
    }
}
