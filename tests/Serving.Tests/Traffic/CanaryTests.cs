using System.Diagnostics;
using System.Net;
using Gyre.Serving.Slots;
using Gyre.Serving.Traffic;
using Gyre.Serving.Traffic.Storage;
using Gyre.Tracking;
using Gyre.Tracking.Storage;
using Gyre.Tracking.Tests;

namespace Gyre.Serving.Tests.Traffic;

/// <summary>Canaries on a real server.</summary>
[Collection(PostgresTests.Name)]
public sealed class CanaryTests(PostgresServer server)
{
    private const string Policy = """
        {"policy": "canary", "challenger": 2, "steps": [25, 50, 100], "minRequests": 20, "minDuration": "10m"}
        """;

    [Theory, OnSqlite, OnPostgres]
    public async Task Canary_GoodChallenger_GetsAllStepByStepAndBecomesChampion(DatabaseKind kind)
    {
        await using var traffic = await TrafficFixture.StartAsync(kind, server);
        await traffic.RegisterAsync(new FakeScorer { Offset = 1 });
        await traffic.SetAsync(Policy);
        foreach (var share in new[] { 0.25, 0.5, 1.0 })
        {
            var answers = await traffic.PredictAsync(200);
            Assert.InRange(answers.Count(a => a.Version == 2) / 200.0, share - 0.2, share + 0.2);
            await traffic.LookAsync(); // too early
            Assert.Equal(share * 100, (await traffic.ShowAsync()).GetProperty("step").GetProperty("percent").GetDouble());
            traffic.Time.Now += TimeSpan.FromMinutes(10);
            await traffic.LookAsync();
        }

        var end = await traffic.ShowAsync();
        Assert.Equal("finished", end.GetProperty("status").GetString());
        Assert.Equal(2, traffic.Serving.Service<ModelRegistry>().GetByAlias("m", ModelAliases.Champion)!.Version);
        Assert.All(await traffic.PredictAsync(20), answer => Assert.Equal(2, answer.Version));
        Assert.Equal(["policy-set", "step", "step", "finished"], traffic.Events.Select(e => e.Kind));
        Assert.Equal(600, end.GetProperty("arms").EnumerateArray().Sum(arm => arm.GetProperty("requests").GetInt64()));
    }

    [Fact]
    public async Task Canary_FailingChallenger_IsTakenBackAndOnlyItsShareFailed()
    {
        await using var traffic = await TrafficFixture.StartAsync();
        var broken = new BehavingScorer(new FakeScorer(), () => throw new InvalidOperationException("broken"));
        await traffic.RegisterAsync(broken);
        await traffic.SetAsync(Policy);
        var answers = await traffic.PredictAsync(100);
        await traffic.LookAsync();
        Assert.InRange(answers.Count(a => a.Status is not HttpStatusCode.OK), 3, 55);
        Assert.All(answers.Where(a => a.Status is HttpStatusCode.OK), a => Assert.Equal(1, a.Version));

        Assert.All(await traffic.PredictAsync(50), a => Assert.Equal((HttpStatusCode.OK, 1), (a.Status, a.Version)));
        var end = traffic.Events.Last();
        Assert.Equal("rolled-back", end.Kind);
        Assert.Contains("failed", end.Summary, StringComparison.Ordinal);
        Assert.True((long)end.Evidence["arms"]![1]!["failed"]! >= 3);
        Assert.Equal("rolled-back", (await traffic.ShowAsync()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Canary_SlowChallenger_IsTakenBack()
    {
        await using var traffic = await TrafficFixture.StartAsync();
        // A model that works for half a second, far above what the champion's slowest answers take.
        await traffic.RegisterAsync(new BehavingScorer(new FakeScorer(), () =>
        {
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(500)) Thread.SpinWait(100);
        }));
        await traffic.PredictAsync(50); // the first requests of a server are slow
        await traffic.SetAsync("""{"policy": "canary", "challenger": 2, "steps": [10, 100]}""");
        while (traffic.Events.Last().Kind == "policy-set")
        {
            Assert.InRange((await traffic.ShowAsync()).GetProperty("arms")[1].GetProperty("requests").GetInt32(), 0, 60);
            await traffic.PredictAsync(20);
            await traffic.LookAsync();
        }

        Assert.Contains("99th percentile", traffic.Events.Last().Summary, StringComparison.Ordinal);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Canary_WorseMetric_IsTakenBackOnceFeedbackTellsIt(DatabaseKind kind)
    {
        await using var traffic = await TrafficFixture.StartAsync(kind, server);
        await traffic.RegisterAsync(new FakeScorer { Offset = 5 });
        await traffic.SetAsync(Policy);
        var answers = await traffic.PredictAsync(400);
        await traffic.LookAsync();
        Assert.Equal("running", (await traffic.ShowAsync()).GetProperty("status").GetString());
        // The champion says 21; it is off by 1 to 1.9, the challenger by 3 and more.
        await traffic.TellAsync(answers, i => $"22.{i % 10}");
        await traffic.LookAsync();
        Assert.Equal("rolled-back", traffic.Events.Last().Kind);
        Assert.Contains("absolute_error", traffic.Events.Last().Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Canary_Key_StaysWithItsVersionWhileTheShareGrows()
    {
        await using var traffic = await TrafficFixture.StartAsync();
        await traffic.RegisterAsync(new FakeScorer());
        await traffic.SetAsync(Policy);
        var before = await VersionsAsync();
        Assert.Equal(before, await VersionsAsync());
        await traffic.PredictAsync(200);
        traffic.Time.Now += TimeSpan.FromMinutes(10);
        await traffic.LookAsync();
        Assert.Equal(50, (await traffic.ShowAsync()).GetProperty("step").GetProperty("percent").GetDouble());
        var after = await VersionsAsync();
        Assert.All(Enumerable.Range(0, 40).Where(i => before[i] == 2), i => Assert.Equal(2, after[i]));

        async Task<List<int>> VersionsAsync()
        {
            var versions = new List<int>();
            for (var i = 0; i < 40; i++) versions.Add((await traffic.PredictAsync(1, $"user {i}"))[0].Version);
            return versions;
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Canary_PausedAndResumed_StepsOnlyAfterwards(DatabaseKind kind)
    {
        await using var traffic = await TrafficFixture.StartAsync(kind, server);
        await traffic.RegisterAsync(new FakeScorer());
        await traffic.SetAsync(Policy);
        await traffic.PredictAsync(200);
        traffic.Time.Now += TimeSpan.FromHours(1);
        Assert.Equal(HttpStatusCode.OK, (await traffic.SendAsync(HttpMethod.Post, "/m/pause", "{}")).Status);
        await traffic.LookAsync();
        var paused = await traffic.ShowAsync();
        Assert.Equal(("paused", 1), (paused.GetProperty("status").GetString(),
            paused.GetProperty("step").GetProperty("number").GetInt32()));
        await traffic.SendAsync(HttpMethod.Post, "/m/resume", "{}");
        await traffic.LookAsync();
        var resumed = await traffic.ShowAsync();
        Assert.Equal(2, resumed.GetProperty("step").GetProperty("number").GetInt32());
        // Counted before, while and after it was paused: nothing is lost.
        Assert.Equal(200, resumed.GetProperty("arms").EnumerateArray().Sum(a => a.GetProperty("requests").GetInt64()));
    }

    [Fact]
    public async Task Canary_VersionThatCannotBeLoaded_CostsNoAnswerAndIsTakenBack()
    {
        await using var traffic = await TrafficFixture.StartAsync();
        await traffic.RegisterAsync(); // no scorer: loading fails
        await traffic.SetAsync(Policy);
        Assert.All(await traffic.PredictAsync(50), a => Assert.Equal((HttpStatusCode.OK, 1), (a.Status, a.Version)));
        await traffic.LookAsync();
        Assert.Contains("cannot be loaded", traffic.Events.Last().Summary, StringComparison.Ordinal);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Canary_ChampionChangedByAnother_EndsAndSaysSo(DatabaseKind kind)
    {
        await using var traffic = await TrafficFixture.StartAsync(kind, server);
        await traffic.RegisterAsync(new FakeScorer());
        await traffic.RegisterAsync(new FakeScorer());
        await traffic.SetAsync(Policy);
        await traffic.Serving.Service<ModelRegistry>().SetAliasAsync("m", ModelAliases.Champion, 3);
        await traffic.LookAsync();
        Assert.Contains("version 3", traffic.Events.Last().Summary, StringComparison.Ordinal);
        Assert.All(await traffic.PredictAsync(20), a => Assert.Equal(3, a.Version));
    }

    [Fact]
    public async Task Canary_CandidateDeletedWhileItAnswers_IsTakenBack()
    {
        await using var traffic = await TrafficFixture.StartAsync();
        await traffic.RegisterAsync(new FakeScorer());
        await traffic.SetAsync(Policy);
        Assert.Contains(await traffic.PredictAsync(100), a => a.Version == 2);
        await traffic.Serving.Service<ModelRegistry>().DeleteVersionAsync("m", 2, CancellationToken.None);
        await traffic.LookAsync();
        Assert.Equal("rolled-back", traffic.Events.Last().Kind);
        Assert.EndsWith("version 2 was deleted", traffic.Events.Last().Summary, StringComparison.Ordinal);
        Assert.All(await traffic.PredictAsync(50), a => Assert.Equal((HttpStatusCode.OK, 1), (a.Status, a.Version)));
    }

    [Fact]
    public async Task Look_PolicyOfANewerProgram_TheChampionAnswersAndOthersAreFollowed()
    {
        await using var traffic = await TrafficFixture.StartAsync();
        await traffic.RegisterAsync(new FakeScorer());
        var store = traffic.Serving.Service<TrafficStore>();
        await traffic.SetAsync(Policy);
        await store.WriteAsync(
            connection => connection.Execute(
                """
                INSERT INTO gyre_traffic
                SELECT 'a', '{"policy":"bandit"}', state, revision, changed_at, changed_by FROM gyre_traffic
                """),
            CancellationToken.None);
        await traffic.LookAsync();
        Assert.Equal(["m"], store.List().Select(row => row.Model));
        Assert.Contains(await traffic.PredictAsync(100), a => a.Version == 2);
    }

    [Fact]
    public async Task Look_DecisionOfOneModelFails_OthersAreTakenAndItIsTriedAgain()
    {
        var full = true;
        await using var traffic = await TrafficFixture.StartAsync(onEvent: happened =>
        {
            if (full && happened is { Model: "m", Kind: "rolled-back" }) throw new InvalidOperationException("disk full");
        });
        await traffic.RegisterAsync(new FakeScorer());
        await traffic.RegisterAsync(new FakeScorer());
        var registry = traffic.Serving.Service<ModelRegistry>();
        for (var i = 0; i < 3; i++) await registry.CreateVersionAsync("z", registry.Get("m", 2).Folder, runId: null);
        await registry.SetAliasAsync("z", ModelAliases.Champion, 1);
        await traffic.SetAsync(Policy);
        Assert.Equal(HttpStatusCode.OK, (await traffic.SendAsync(HttpMethod.Put, "/z", Policy)).Status);
        foreach (var model in new[] { "m", "z" }) await registry.SetAliasAsync(model, ModelAliases.Champion, 3);
        await traffic.LookAsync();
        await traffic.LookAsync();
        Assert.Equal(("rolled-back", "z"), (traffic.Events.Last().Kind, traffic.Events.Last().Model));
        Assert.Equal("running", (await traffic.ShowAsync()).GetProperty("status").GetString());
        full = false;
        await traffic.LookAsync();
        Assert.Equal(("rolled-back", "m"), (traffic.Events.Last().Kind, traffic.Events.Last().Model));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Canary_TwoServersDecide_OneDoesIt(DatabaseKind kind)
    {
        await using var traffic = await TrafficFixture.StartAsync(kind, server);
        await traffic.RegisterAsync(new FakeScorer());
        await traffic.SetAsync(Policy);
        var row = traffic.Serving.Service<TrafficFollower>().Active.Single();
        await traffic.PredictAsync(200);
        traffic.Time.Now += TimeSpan.FromMinutes(10);
        await traffic.Serving.Service<TrafficFollower>().WriteCountsAsync(CancellationToken.None);
        var steward = traffic.Serving.Service<TrafficSteward>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            Task.Run(() => steward.LookAsync(row, null, CancellationToken.None))));
        Assert.Single(traffic.Events, e => e.Kind == "step");
    }

    [Theory]
    [InlineData("PUT", "/m", """{"policy":"canary","challenger":9}""", 404)]
    [InlineData("PUT", "/m", """{"policy":"canary","challenger":1}""", 409)]
    [InlineData("PUT", "/m", """{"policy":"canary","challenger":2,"steps":[3]}""", 400)]
    [InlineData("PUT", "/m", "{", 400)]
    [InlineData("PUT", "/absent", """{"policy":"canary","challenger":2}""", 404)]
    [InlineData("GET", "/absent", null, 404)]
    [InlineData("POST", "/m/pause", "{}", 409)]
    [InlineData("POST", "/m/promote", """{"version":"two"}""", 400)]
    [InlineData("POST", "/m/rollback", null, 400)] // without a JSON content type, which another origin cannot send
    public async Task Api_Mistake_IsRefused(string method, string path, string? body, int status)
    {
        await using var traffic = await TrafficFixture.StartAsync();
        await traffic.RegisterAsync(new FakeScorer());
        var (actual, answer) = await traffic.SendAsync(new HttpMethod(method), path, body);
        Assert.Equal(status, (int)actual);
        Assert.NotEmpty(answer.GetProperty("error").GetString()!);
        Assert.Empty(traffic.Events);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Api_PromoteRollbackDelete_DoWhatTheySay(DatabaseKind kind)
    {
        await using var traffic = await TrafficFixture.StartAsync(kind, server);
        await traffic.RegisterAsync(new FakeScorer());
        await traffic.SetAsync(Policy);
        await traffic.SendAsync(HttpMethod.Post, "/m/rollback", """{"reason":"looks odd"}""");
        Assert.Contains("looks odd", traffic.Events.Last().Summary, StringComparison.Ordinal);
        await traffic.SetAsync(Policy);
        Assert.Equal(HttpStatusCode.OK, (await traffic.SendAsync(HttpMethod.Delete, "/m")).Status);
        Assert.Equal("champion", (await traffic.ShowAsync()).GetProperty("policy").GetProperty("policy").GetString());
        await traffic.SetAsync(Policy);
        await traffic.SendAsync(HttpMethod.Post, "/m/promote", "{}");
        await traffic.LookAsync();
        Assert.All(await traffic.PredictAsync(10), a => Assert.Equal(2, a.Version));
        Assert.Equal(1, (await traffic.SendAsync(HttpMethod.Get, "")).Body.GetArrayLength());
    }
}
