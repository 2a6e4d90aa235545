using System.Net;
using System.Text;
using System.Text.Json;

namespace Gyre.Tracking.Tests.Rest;

/// <summary>What clients should not send is refused with the protocol's error, and leaves nothing behind.</summary>
public sealed class BadInputTests
{
    private const string LogBatch = "2.0/mlflow/runs/log-batch";

    [Theory]
    [InlineData(1001, 0, 0, "1000 metrics. Got 1001")]
    [InlineData(0, 101, 0, "100 params. Got 101")]
    [InlineData(0, 0, 101, "100 tags. Got 101")]
    [InlineData(950, 30, 30, "1000 metrics, params, and tags. Got 1010")]
    public async Task LogBatch_BeyondALimit_WritesNothing(int metrics, int parameters, int tags, string message)
    {
        await using var server = await RestFixture.StartAsync();
        var run = await server.CreateRunAsync();

        var refused = await server.RefusedAsync(HttpMethod.Post, LogBatch, Batch(run, metrics, parameters, tags));

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (refused.Status, refused.Code));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        await AssertEmptyAsync(server, run);
    }

    [Fact]
    public async Task LogBatch_FullToTheLimits_IsStored()
    {
        await using var server = await RestFixture.StartAsync();
        var run = await server.CreateRunAsync();
        await server.PostAsync(LogBatch, Batch(run, 800, 100, 100));
        var data = (await server.GetAsync($"2.0/mlflow/runs/get?run_id={run}"))["run"]!["data"]!;
        Assert.Equal(800, data["metrics"]!.AsArray().Count);
        Assert.Equal(100, data["params"]!.AsArray().Count);
        Assert.Equal(101, data["tags"]!.AsArray().Count); // one is the run's name
    }

    [Theory]
    [InlineData("a//b")]
    [InlineData("../a")]
    [InlineData("a/")]
    [InlineData("x'; DROP TABLE runs; --")]
    [InlineData("\u0000")]
    public async Task LogBatch_OneBadNameAmongMany_WritesNothing(string name)
    {
        await using var server = await RestFixture.StartAsync();
        var run = await server.CreateRunAsync();
        var good = new { key = "good", value = 1, timestamp = 1 };
        foreach (var body in new object[]
                 {
                     new
                     {
                         run_id = run, metrics = new object[] { good, new { key = name, value = 1, timestamp = 1 } },
                     },
                     new
                     {
                         run_id = run, metrics = new[] { good }, @params = new[] { new { key = name, value = "1" } },
                     },
                     new { run_id = run, metrics = new[] { good }, tags = new[] { new { key = name, value = "1" } } },
                 })
        {
            var refused = await server.RefusedAsync(HttpMethod.Post, LogBatch, body);
            Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (refused.Status, refused.Code));
        }

        await AssertEmptyAsync(server, run);
    }

    [Theory]
    [InlineData("Größe/日本語 1")]
    [InlineData("𝒳²")]
    public async Task LogMetric_NameOfOtherLetters_IsStored(string name)
    {
        await using var server = await RestFixture.StartAsync();
        var run = await server.CreateRunAsync();
        await server.PostAsync(
            "2.0/mlflow/runs/log-metric", new { run_id = run, key = name, value = 1, timestamp = 1 });
        var history = await server.GetAsync(
            $"2.0/mlflow/metrics/get-history?run_id={run}&metric_key={Uri.EscapeDataString(name)}");
        Assert.Equal(name, (string)history["metrics"]![0]!["key"]!);
    }

    [Fact]
    public async Task LogParameter_ChangedInABatch_WritesNothingOfIt()
    {
        await using var server = await RestFixture.StartAsync();
        var run = await server.CreateRunAsync();
        await server.PostAsync("2.0/mlflow/runs/log-parameter", new { run_id = run, key = "a", value = "1" });

        var refused = await server.RefusedAsync(HttpMethod.Post, LogBatch, new
        {
            run_id = run,
            metrics = new[] { new { key = "m", value = 1, timestamp = 1 } },
            @params = new[] { new { key = "b", value = "1" }, new { key = "a", value = "2" } },
        });

        Assert.Contains("Changing param values is not allowed", refused.Message, StringComparison.Ordinal);
        var data = (await server.GetAsync($"2.0/mlflow/runs/get?run_id={run}"))["run"]!["data"]!;
        Assert.Equal("""[{"key":"a","value":"1"}]""", data["params"]!.ToJsonString());
        Assert.Null(data["metrics"]);
    }

    [Fact]
    public async Task LogBatch_LongValues_AreCut()
    {
        await using var server = await RestFixture.StartAsync();
        var run = await server.CreateRunAsync();
        await server.PostAsync(LogBatch, new
        {
            run_id = run,
            @params = new[] { new { key = "p", value = new string('x', 9000) } },
            tags = new[] { new { key = "t", value = new string('y', 9000) } },
        });
        var data = (await server.GetAsync($"2.0/mlflow/runs/get?run_id={run}"))["run"]!["data"]!;
        Assert.Equal(new string('x', 6000), (string)data["params"]![0]!["value"]!);
        Assert.Equal(new string('y', 8000), (string)data["tags"]![1]!["value"]!);
    }

    [Fact]
    public async Task CreateExperiment_BodyOverTheLimit_IsRefusedUnread()
    {
        await using var server = await RestFixture.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/2.0/mlflow/experiments/create");
        request.Headers.ExpectContinue = true;
        request.Content = new ByteArrayContent(new byte[(32 << 20) + 1]);
        request.Content.Headers.ContentType = new("application/json");
        using var answer = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("INVALID_PARAMETER_VALUE", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_SqlInTexts_IsKeptAsItIs()
    {
        const string Sql = "'; DROP TABLE runs; --\" $1 ?";
        await using var server = await RestFixture.StartAsync();
        await server.PostAsync("2.0/mlflow/experiments/create", new { name = Sql });
        var run = await server.CreateRunAsync(Sql);
        await server.PostAsync("2.0/mlflow/runs/set-tag", new { run_id = run, key = "t", value = Sql });
        var read = (await server.GetAsync($"2.0/mlflow/runs/get?run_id={run}"))["run"]!;
        Assert.Equal(Sql, (string)read["info"]!["run_name"]!);
        Assert.Equal(Sql, (string)read["data"]!["tags"]![1]!["value"]!);
        var found = await server.PostAsync("2.0/mlflow/runs/search", new
        {
            experiment_ids = new[] { "0" }, filter = $"tags.t = \"{Sql.Replace("\"", "", StringComparison.Ordinal)}\"",
        });
        Assert.Null(found["runs"]);
        Assert.NotNull((await server.GetAsync(
            $"2.0/mlflow/experiments/get-by-name?experiment_name={Uri.EscapeDataString(Sql)}"))["experiment"]);
    }

    [Theory]
    [InlineData("tags.t = '", "'", 200)]
    [InlineData("tags.t = '", "", 400)]
    [InlineData("", "", 400)]
    public async Task Search_FilterOf100000Characters_IsAnswered(string before, string after, int expected)
    {
        await using var server = await RestFixture.StartAsync();
        var filter = before + new string('x', 100_000) + after;
        var body = JsonSerializer.Serialize(new { experiment_ids = new[] { "0" }, filter });
        var (status, _) = await server.SendAsync(HttpMethod.Post, "2.0/mlflow/runs/search", body);
        Assert.Equal(expected, (int)status);
    }

    [Fact]
    public async Task CreateExperiment_SameNameFromManyClients_ExactlyOneWins()
    {
        await using var server = await RestFixture.StartAsync();
        var body = """{"name": "race"}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(
            _ => server.SendAsync(HttpMethod.Post, "2.0/mlflow/experiments/create", body)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer =>
        {
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Contains("RESOURCE_ALREADY_EXISTS", answer.Text, StringComparison.Ordinal);
        });
    }

    private static object Batch(string run, int metrics, int parameters, int tags) => new
    {
        run_id = run,
        metrics = Enumerable.Range(0, metrics).Select(i => new { key = $"m{i}", value = i, timestamp = 1, step = 0 }),
        @params = Enumerable.Range(0, parameters).Select(i => new { key = $"p{i}", value = "1" }),
        tags = Enumerable.Range(0, tags).Select(i => new { key = $"t{i}", value = "1" }),
    };

    private static async Task AssertEmptyAsync(RestFixture server, string run)
    {
        var data = (await server.GetAsync($"2.0/mlflow/runs/get?run_id={run}"))["run"]!["data"]!;
        Assert.Equal("""{"tags":[{"key":"mlflow.runName","value":"r"}]}""", data.ToJsonString());
    }
}
