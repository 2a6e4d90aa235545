using System.Net;
using System.Text.Json;

namespace Gyre.Client.Tests;

public sealed class ActiveRunTests
{
    private const string Created =
        """{"run":{"info":{"run_id":"r1","experiment_id":"3","status":"RUNNING"},"data":{}}}""";

    [Fact]
    public void Dispose_AfterLogging_HasSentAllInBatchesAndEndedTheRun()
    {
        using var server = new StubServer(Answer);
        using var client = server.Connect();
        using (var run = ActiveRun.Start("new one", "first", client: client))
        {
            run.LogParam("rate", 0.5);
            for (var i = 0; i < 3000; i++) run.LogMetric("loss", 1.0 / (i + 1), i);
            run.SetTag("t", "v");
        }

        var batches = Bodies(server, "log-batch");
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => (long)i), batches
            .SelectMany(batch => List(batch, "metrics")).Select(metric => metric.GetProperty("step").GetInt64()));
        Assert.Equal(["0.5"], batches.SelectMany(batch => List(batch, "params"))
            .Select(param => param.GetProperty("value").GetString()));
        Assert.True(batches.Count < 20, $"{batches.Count} requests for 3,002 entries");
        var end = server.Requests[^1];
        Assert.Contains("runs/update", end.Path);
        Assert.Contains("\"FINISHED\"", end.Body);
    }

    [Fact]
    public async Task Flush_Refused_TellsTheFirstRefusalAndSendsTheRest()
    {
        using var server = new StubServer((request, body) => body.Contains("\"bad\"")
            ? StubServer.Json("""{"error_code":"INVALID_PARAMETER_VALUE","message":"bad param"}""", HttpStatusCode.BadRequest)
            : Answer(request, body));
        using var client = server.Connect();
        await using var run = await ActiveRun.StartAsync(client: client);
        run.LogParam("bad", 1);
        run.LogMetric("m", 1);
        var error = await Assert.ThrowsAsync<MlflowException>(() => run.FlushAsync());
        Assert.Equal("bad param", error.Message);
        run.LogMetric("m", 2, 1);
        await run.FlushAsync();
        Assert.Equal(2, Bodies(server, "log-batch").SelectMany(batch => List(batch, "metrics")).Count());
    }

    [Fact]
    public async Task LogParam_TwoValuesOfOneKey_RefusesOnlyTheSecond()
    {
        using var server = new StubServer(Answer);
        using var client = server.Connect();
        await using (var run = await ActiveRun.StartAsync(client: client))
        {
            run.LogParam("a", 1);
            run.LogParam("a", 1);
            run.LogParam("a", 2);
            run.LogParam("b", 3);
        }

        var sent = Bodies(server, "log-batch").Select(batch => string.Join(' ', List(batch, "params")
            .Select(param => $"{param.GetProperty("key")}={param.GetProperty("value")}")));
        Assert.Equal(["a=1 b=3", "a=2"], sent);
    }

    [Fact]
    public async Task RunAsync_WorkThrows_EndsTheRunAsFailedWithTheReason()
    {
        using var server = new StubServer(Answer);
        using var client = server.Connect();
        await Assert.ThrowsAsync<InvalidOperationException>(() => ActiveRun.RunAsync(
            null, null, _ => throw new InvalidOperationException("no rows"), client));
        Assert.Contains("\"FAILED\"", server.Requests[^1].Body);
        Assert.Contains("no rows", Bodies(server, "log-batch").Single().GetRawText());
    }

    private static HttpResponseMessage Answer(HttpRequestMessage request, string body) =>
        request.RequestUri!.AbsolutePath switch // set by the client
        {
            var path when path.EndsWith("get-by-name", StringComparison.Ordinal) => StubServer.Json(
                """{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"none"}""", HttpStatusCode.NotFound),
            var path when path.EndsWith("experiments/create", StringComparison.Ordinal) =>
                StubServer.Json("""{"experiment_id":"3"}"""),
            var path when path.EndsWith("runs/create", StringComparison.Ordinal) => StubServer.Json(Created),
            _ => StubServer.Json("{}"),
        };

    private static List<JsonElement> Bodies(StubServer server, string path) =>
        [.. server.Requests.Where(request => request.Path.Contains(path))
            .Select(request => JsonDocument.Parse(request.Body).RootElement)];

    private static IEnumerable<JsonElement> List(JsonElement batch, string name) =>
        batch.TryGetProperty(name, out var list) ? list.EnumerateArray() : [];
}
