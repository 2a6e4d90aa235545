using System.Net;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Serving.Slots;
using Gyre.Tracking;

namespace Gyre.Serving.Tests.Http;

/// <summary>Triton's model repository and statistics extensions, in the JSON of its clients.</summary>
public sealed class RepositoryTests
{
    private const string Index = "/v2/repository/index";
    private const string Unload = "/v2/repository/models/m/unload";
    private const string Load = "/v2/repository/models/m/load";

    [Fact]
    public async Task Index_Versions_AreThereWithStateAndReason()
    {
        await using var serving = await ServingFixture.StartAsync();
        await serving.PromoteAsync();

        var (status, all) = await serving.PostAsync(Index, "");
        var (_, ready) = await serving.PostAsync(Index, """{"ready":true}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            """[{"name":"m","version":"1","state":"UNAVAILABLE","reason":"not the champion; a request for this version loads it"},{"name":"m","version":"2","state":"READY","reason":""}]""",
            all.GetRawText());
        Assert.Equal("""[{"name":"m","version":"2","state":"READY","reason":""}]""", ready.GetRawText());
    }

    [Fact]
    public async Task Index_VersionThatCannotBeLoaded_HasTheReason()
    {
        await using var serving = await ServingFixture.StartAsync();
        serving.Load = _ => throw GyreException.Invalid("the graph is broken");
        await serving.PromoteAsync();

        var (_, all) = await serving.PostAsync(Index, "{}");

        Assert.Equal("READY", all[0].GetProperty("state").GetString());
        Assert.Equal("UNAVAILABLE", all[1].GetProperty("state").GetString());
        Assert.Equal("the graph is broken", all[1].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Unload_AModel_EndsItUntilItIsLoadedAgain()
    {
        await using var serving = await ServingFixture.StartAsync();
        const string Body = $$"""{"rows":[{{FakeScorer.Row}}]}""";

        Assert.Equal(HttpStatusCode.OK, (await serving.PostAsync(Unload, "")).Status);
        // Also when the registry is read again, and when the champion moves.
        await serving.PromoteAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await serving.PostAsync("/predict/m", Body)).Status);
        var (_, index) = await serving.PostAsync(Index, "");
        Assert.All(index.EnumerateArray(), version => Assert.Equal("unloaded", version.GetProperty("reason").GetString()));
        Assert.Empty(serving.Slots.Loaded);
        Assert.True(serving.Service<ChampionFollower>().IsReady);

        Assert.Equal(HttpStatusCode.OK, (await serving.PostAsync(Load, "")).Status);
        var (status, answer) = await serving.PostAsync("/predict/m", Body);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(2, answer.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Load_WhatCannotBeLoaded_LeavesItUnloaded()
    {
        await using var serving = await ServingFixture.StartAsync();
        await serving.PostAsync(Unload, """{"parameters":{"unload_dependents":true}}""");
        serving.Load = _ => throw GyreException.Invalid("the graph is broken");

        var (status, answer) = await serving.PostAsync(Load, "{}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("the graph is broken", answer.GetProperty("error").GetString());
        Assert.Null(serving.Slots.VersionOf("m"));
    }

    [Theory]
    [InlineData("/v2/repository/models/nobody/load", "", HttpStatusCode.NotFound)]
    [InlineData("/v2/repository/models/nobody/unload", "", HttpStatusCode.NotFound)]
    [InlineData(Load, """{"parameters":{"config":"{}"}}""", HttpStatusCode.BadRequest)]
    [InlineData(Unload, """{"parameters":{"unload_dependents":1}}""", HttpStatusCode.BadRequest)]
    [InlineData(Unload, """{"parameters":[]}""", HttpStatusCode.BadRequest)]
    [InlineData(Index, "[1]", HttpStatusCode.BadRequest)]
    [InlineData(Index, """{"ready":"yes"}""", HttpStatusCode.BadRequest)]
    [InlineData(Index, "{", HttpStatusCode.BadRequest)]
    public async Task Post_WhatIsNotInOrder_IsRefusedAndChangesNothing(string path, string body, HttpStatusCode expected)
    {
        await using var serving = await ServingFixture.StartAsync();

        var (status, answer) = await serving.PostAsync(path, body);

        Assert.Equal(expected, status);
        Assert.NotEmpty(answer.GetProperty("error").GetString()!); // an error has a text
        Assert.Equal(1, serving.Slots.VersionOf("m"));
    }

    [Fact]
    public async Task Stats_RequestsOfAVersion_AreCountedWithTheirTimes()
    {
        await using var serving = await ServingFixture.StartAsync();
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        for (var i = 0; i < 3; i++)
            await serving.PostAsync("/predict/m", $$"""{"rows":[{{FakeScorer.Row}},{{FakeScorer.Row}}]}""");
        await serving.PostAsync("/predict/m", """{"rows":[{}]}""");

        foreach (var path in (string[])["/v2/models/stats", "/v2/models/m/stats", "/v2/models/m/versions/1/stats"])
        {
            var stats = await GetAsync(serving, path);
            var version = Assert.Single(stats.GetProperty("model_stats").EnumerateArray());
            Assert.Equal("m", version.GetProperty("name").GetString());
            Assert.Equal("1", version.GetProperty("version").GetString());
            Assert.Equal(6, version.GetProperty("inference_count").GetInt64());
            // Warming up is no execution for a client.
            Assert.Equal(3, version.GetProperty("execution_count").GetInt64());
            // Both clocks tick in milliseconds, the machine's in up to 16 of them.
            Assert.InRange(version.GetProperty("last_inference").GetInt64(), before - 32, long.MaxValue);
            var counts = version.GetProperty("inference_stats");
            Assert.Equal(3, counts.GetProperty("success").GetProperty("count").GetInt64());
            Assert.Equal(1, counts.GetProperty("fail").GetProperty("count").GetInt64());
            var total = counts.GetProperty("success").GetProperty("ns").GetInt64();
            Assert.InRange(counts.GetProperty("compute_infer").GetProperty("ns").GetInt64(), 1, total);
        }
    }

    [Theory]
    [InlineData("/v2/models/nobody/stats")]
    [InlineData("/v2/models/m/versions/x/stats")]
    public async Task Stats_OfWhatIsNotServed_AreNotFound(string path)
    {
        await using var serving = await ServingFixture.StartAsync();

        using var answer = await serving.Client.GetAsync(new Uri(serving.Address, path));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<JsonElement> GetAsync(ServingFixture serving, string path) =>
        JsonDocument.Parse(await serving.Client.GetStringAsync(new Uri(serving.Address, path))).RootElement;
}
