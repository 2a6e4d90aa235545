using System.Net;

namespace Gyre.Server.Tests.Http;

public sealed class ErrorAnswersTests
{
    [Fact]
    public async Task Predict_BadInput_AnswersProblemDetails()
    {
        await using var host = await HostFixture.StartAsync();
        var (status, type, body) = await host.PredictAsync("""{"hr":"eight"}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("application/problem+json", type);
        Assert.Equal(400, body.GetProperty("status").GetInt32());
        Assert.Contains("'hr'", body.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Infer_BadInput_AnswersTheProtocolsForm()
    {
        await using var host = await HostFixture.StartAsync();
        var (status, type, body) = await host.SendAsync(HttpMethod.Post, "/v2/models/bike/infer", "{}");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("application/json", type);
        Assert.Contains("inputs", body.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("GET", "/api/2.0/mlflow/nowhere", 404)]
    [InlineData("POST", "/ajax-api/nowhere", 404)]
    [InlineData("GET", "/api/2.0/mlflow/runs/create", 405)]
    public async Task Send_WrongRouteOfMlflow_AnswersHtmlAsItsServerDoes(string method, string path, int expected)
    {
        await using var host = await HostFixture.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(host.Address, path));
        using var answer = await host.Client.SendAsync(request);
        Assert.Equal(expected, (int)answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("<!doctype html>", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/predict/bike", 405)]
    [InlineData("GET", "/v2/models/none", 404)]
    [InlineData("POST", "/predict/none", 404)]
    [InlineData("POST", "/predict/%0a%27", 404)]
    public async Task Send_WrongRoute_AnswersJsonWithTheStatus(string method, string path, int expected)
    {
        await using var host = await HostFixture.StartAsync();
        var (status, _, body) = await host.SendAsync(new HttpMethod(method), path, method == "POST" ? "{}" : null);
        Assert.Equal(expected, (int)status);
        Assert.Equal(path.StartsWith("/v2", StringComparison.Ordinal), body.TryGetProperty("error", out _));
    }
}
