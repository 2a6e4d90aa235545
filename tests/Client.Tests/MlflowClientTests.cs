using System.Net;

namespace Gyre.Client.Tests;

public sealed class MlflowClientTests
{
    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(500)]
    public async Task Request_PassingFailure_IsRepeatedUntilItSucceeds(int status)
    {
        var calls = 0;
        using var server = new StubServer((_, _) => ++calls < 3
            ? StubServer.Json("{}", (HttpStatusCode)status)
            : StubServer.Json("""{"experiment_id":"7"}"""));
        using var client = server.Connect();
        Assert.Equal("7", await client.CreateExperimentAsync("x"));
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task Request_Refused_ThrowsTheServersCodeAndMessageAtOnce()
    {
        using var server = new StubServer((_, _) => StubServer.Json(
            """{"error_code":"INVALID_PARAMETER_VALUE","message":"no such thing"}""", HttpStatusCode.BadRequest));
        using var client = server.Connect();
        var error = await Assert.ThrowsAsync<MlflowException>(() => client.GetRunAsync("r"));
        Assert.Equal(("INVALID_PARAMETER_VALUE", "no such thing", HttpStatusCode.BadRequest),
            (error.ErrorCode, error.Message, error.Status));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Request_ServerDown_NamesItAfterTheRetries()
    {
        using var server = new StubServer((_, _) => throw new HttpRequestException("refused"));
        using var client = server.Connect(retries: 2);
        var error = await Assert.ThrowsAsync<MlflowException>(() => client.GetRunAsync("r"));
        Assert.Equal(("CONNECTION", null), (error.ErrorCode, error.Status));
        Assert.Contains("http://stub", error.Message);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Request_PageThatIsNoJson_KeepsTheStatus()
    {
        using var server = new StubServer((_, _) => new HttpResponseMessage(HttpStatusCode.NotFound)
        {
            Content = new StringContent("<html>nothing here</html>"),
        });
        using var client = server.Connect();
        var error = await Assert.ThrowsAsync<MlflowException>(() => client.GetRunAsync("r"));
        Assert.Equal(("ENDPOINT_NOT_FOUND", HttpStatusCode.NotFound), (error.ErrorCode, error.Status));
    }

    [Fact]
    public async Task Answer_NumbersAsTextsNanAndUnknownFields_AreRead()
    {
        using var server = new StubServer((_, _) => StubServer.Json(
            """
            {"run":{"info":{"run_id":"r","run_name":"n","experiment_id":"1","status":"FINISHED","start_time":"5","end_time":7,
             "artifact_uri":"mlflow-artifacts:/1/r/artifacts","lifecycle_stage":"active","user_id":"u","later":{"a":[1]}},
             "data":{"metrics":[{"key":"m","value":"NaN","timestamp":"3","step":"2"},{"key":"i","value":"-Infinity","timestamp":1}]},
             "inputs":{}}}
            """));
        using var client = server.Connect();
        var run = await client.GetRunAsync("r");
        Assert.Equal((RunStatus.Finished, 5L, 7L), (run.Info.Status, run.Info.StartTime, run.Info.EndTime));
        Assert.True(double.IsNaN(run.Data.Metrics[0].Value));
        Assert.Equal((2L, 3L), (run.Data.Metrics[0].Step, run.Data.Metrics[0].Timestamp));
        Assert.Equal(double.NegativeInfinity, run.Data.Metrics[1].Value);
        Assert.Empty(run.Data.Params);
    }

    [Fact]
    public async Task LogBatch_LongLists_AreSentInPiecesOfTheProtocolsSize()
    {
        using var server = new StubServer((_, _) => StubServer.Json("{}"));
        using var client = server.Connect();
        await client.LogBatchAsync(
            "r",
            [.. Enumerable.Range(0, 2500).Select(i => new Metric("m", double.NaN, 1, i))],
            [.. Enumerable.Range(0, 250).Select(i => new Param($"p{i}", "v"))],
            [new Tag("t", "v")]);
        var sizes = server.Requests.Select(request => System.Text.Json.JsonDocument.Parse(request.Body).RootElement)
            .Select(body => (Count(body, "metrics"), Count(body, "params"), Count(body, "tags")));
        Assert.Equal([(0, 100, 1), (0, 100, 0), (0, 50, 0), (1000, 0, 0), (1000, 0, 0), (500, 0, 0)], sizes);
        Assert.Contains("\"value\":\"NaN\"", server.Requests[^1].Body);

        static int Count(System.Text.Json.JsonElement body, string name) =>
            body.TryGetProperty(name, out var list) ? list.GetArrayLength() : 0;
    }
}
