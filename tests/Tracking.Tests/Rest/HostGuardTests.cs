using System.Net;
using Gyre.Tracking.Rest;
using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Tests.Rest;

public sealed class HostGuardTests
{
    [Theory]
    [InlineData("localhost:5000", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.8.8:1", true)]
    [InlineData("[::1]:5000", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.31.255.255", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.1.5:80", true)]
    [InlineData("8.8.8.8", false)]
    [InlineData("[fd00::1]", true)]
    [InlineData("[2001:db8::1]", false)]
    [InlineData("evil.example", false)]
    [InlineData("ml.example.org", true)]
    [InlineData("a.b.example.com", true)]
    [InlineData("example.com", false)]
    [InlineData("notexample.com", false)]
    [InlineData("", false)]
    public void Refusal_Host_IsNullForLocalPrivateAndAllowedOnes(string host, bool allowed)
    {
        var guard = new HostGuard(new TrackingOptions { AllowedHosts = ["ml.example.org", "*.example.com"] });
        Assert.Equal(allowed, guard.Refusal(Request("GET", host)) is null);
    }

    [Theory]
    [InlineData("GET", "https://evil.example", true)]
    [InlineData("POST", "https://evil.example", false)]
    [InlineData("DELETE", "https://evil.example", false)]
    [InlineData("POST", "null", false)]
    [InlineData("POST", "http://localhost:3000", true)]
    [InlineData("POST", "http://10.0.0.1:5000", true)]
    [InlineData("POST", "http://10.0.0.1:5001", false)]
    public void Refusal_Origin_BlocksChangesFromOtherSites(string method, string origin, bool allowed)
    {
        var request = Request(method, "10.0.0.1:5000");
        request.Headers.Origin = origin;
        Assert.Equal(allowed, new HostGuard(new TrackingOptions()).Refusal(request) is null);
    }

    [Fact]
    public async Task Request_ForeignHost_IsForbiddenAndWritesNothing()
    {
        await using var server = await RestFixture.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/2.0/mlflow/experiments/create")
        {
            Content = new StringContent("""{"name":"x"}""", null, "application/json"),
            Headers = { Host = "evil.example" },
        };
        using var response = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.StartsWith("Invalid Host header", await response.Content.ReadAsStringAsync());
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["SAMEORIGIN"], response.Headers.GetValues("X-Frame-Options"));
        await server.RefusedAsync(HttpMethod.Get, "2.0/mlflow/experiments/get-by-name?experiment_name=x");
    }

    private static HttpRequest Request(string method, string host)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        request.Host = new HostString(host);
        return request;
    }
}
