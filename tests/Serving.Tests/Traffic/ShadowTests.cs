using System.Net;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Tracking.Tests;

namespace Gyre.Serving.Tests.Traffic;

/// <summary>Shadows and A/B tests on a real server.</summary>
[Collection(PostgresTests.Name)]
public sealed class ShadowTests(PostgresServer server)
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Shadow_IsComparedAndNeverAnswersNorIsRecorded(DatabaseKind kind)
    {
        await using var traffic = await TrafficFixture.StartAsync(kind, server);
        await traffic.RegisterAsync(new FakeScorer { Offset = 0.5 });
        await traffic.SetAsync("""{"policy":"shadow","challenger":2}""");
        Assert.All(await traffic.PredictAsync(20), answer => Assert.Equal(1, answer.Version));
        var shadow = await ShadowAsync(traffic, s => s.GetProperty("requests").GetInt32() == 20);
        Assert.Equal((20, 0), (shadow.GetProperty("rows").GetInt32(), shadow.GetProperty("equalRows").GetInt32()));
        Assert.Equal(0.5, shadow.GetProperty("meanDifference").GetDouble(), 1e-6);
        Assert.Equal(0.5, shadow.GetProperty("largestDifference").GetDouble(), 1e-6);
        Assert.True(shadow.GetProperty("challengerP99Ms").GetDouble() > 0);
        Assert.Equal(20, traffic.Serving.Count("SELECT count(*) FROM gyre_predictions"));
        Assert.Equal(0, traffic.Serving.Count("SELECT count(*) FROM gyre_predictions WHERE version = 2"));
    }

    [Fact]
    public async Task Shadow_ThatFails_IsCountedAndSeenByNobody()
    {
        await using var traffic = await TrafficFixture.StartAsync();
        await traffic.RegisterAsync(
            new BehavingScorer(new FakeScorer(), () => throw new InvalidOperationException("broken")));
        await traffic.SetAsync("""{"policy":"shadow","challenger":2}""");
        Assert.All(await traffic.PredictAsync(20), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        await ShadowAsync(traffic, s => s.GetProperty("failed").GetInt32() == 20);
    }

    [Fact]
    public async Task Shadow_ThatHangs_HoldsUpNothingAndIsDropped()
    {
        await using var traffic = await TrafficFixture.StartAsync();
        using var gate = new ManualResetEventSlim();
        await traffic.RegisterAsync(new BehavingScorer(new FakeScorer(), gate.Wait));
        await traffic.SetAsync("""{"policy":"shadow","challenger":2}""");
        // More than the queue takes: were the primary to wait, this would never end.
        Assert.All(await traffic.PredictAsync(150), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        var shadow = await ShadowAsync(traffic, s => s.GetProperty("dropped").GetInt32() > 0);
        Assert.Equal(0, shadow.GetProperty("requests").GetInt32());
        gate.Set();
        await ShadowAsync(traffic, s =>
            s.GetProperty("requests").GetInt32() + s.GetProperty("dropped").GetInt32() == 150);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Ab_KeysStay_TheTestDecidesAndTheWinnerIsPromotedByHand(DatabaseKind kind)
    {
        await using var traffic = await TrafficFixture.StartAsync(kind, server);
        await traffic.RegisterAsync(new FakeScorer { Offset = 3 });
        await traffic.SetAsync(
            """{"policy":"ab","arms":[{"name":"old","version":1},{"name":"new","version":2}],"effect":1,"alpha":1e-6}""");
        var sticky = (await traffic.PredictAsync(10, "one user")).Select(a => a.Version).Distinct();
        Assert.Single(sticky);
        var answers = await traffic.PredictAsync(400);
        Assert.InRange(answers.Count(a => a.Version == 2), 150, 250);
        // The truth is 24 or so, which the new version says; the old one says 21.
        await traffic.TellAsync(answers, i => $"24.{i % 10}");
        await traffic.LookAsync();
        await traffic.LookAsync(); // it is said once
        var said = Assert.Single(traffic.Events, e => e.Kind == "decided");
        Assert.Contains("new (version 2) is better than old", said.Summary, StringComparison.Ordinal);
        var test = (await traffic.ShowAsync()).GetProperty("test")[0];
        Assert.Equal("better", test.GetProperty("verdict").GetString());
        Assert.InRange(-3, test.GetProperty("lower").GetDouble(), test.GetProperty("upper").GetDouble());
        var (status, _) = await traffic.SendAsync(HttpMethod.Post, "/m/promote", "{}");
        Assert.Equal(HttpStatusCode.BadRequest, status); // which of the two?
        await traffic.SendAsync(HttpMethod.Post, "/m/promote", """{"version":2}""");
        await traffic.LookAsync();
        Assert.All(await traffic.PredictAsync(10), a => Assert.Equal(2, a.Version));
    }

    [Fact]
    public async Task Ab_NoDifference_IsUndecidedHoweverOftenLookedAt()
    {
        await using var traffic = await TrafficFixture.StartAsync();
        await traffic.RegisterAsync(new FakeScorer());
        await traffic.SetAsync("""{"policy":"ab","arms":[{"name":"a","version":1},{"name":"b","version":2}],"alpha":1e-6}""");
        for (var i = 0; i < 10; i++)
        {
            var answers = await traffic.PredictAsync(40);
            await traffic.TellAsync(answers, i => $"{i % 10}");
            await traffic.LookAsync();
        }

        Assert.DoesNotContain(traffic.Events, e => e.Kind == "decided");
        Assert.Equal("undecided", (await traffic.ShowAsync()).GetProperty("test")[0].GetProperty("verdict").GetString());
    }

    private static async Task<JsonElement> ShadowAsync(TrafficFixture traffic, Func<JsonElement, bool> condition)
    {
        var shadow = default(JsonElement);
        await Eventually.HoldsAsync(() =>
        {
            traffic.LookAsync().GetAwaiter().GetResult();
            shadow = traffic.ShowAsync().GetAwaiter().GetResult().GetProperty("shadow");
            return condition(shadow);
        });
        return shadow;
    }
}
