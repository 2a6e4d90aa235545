using Gyre.Server.Protection;

namespace Gyre.Server.Tests.Protection;

public sealed class CorsTests
{
    private const string Allowed = "https://app.example.org";

    [Theory]
    [InlineData(Allowed, true)]
    [InlineData("https://other.example.org", false)]
    [InlineData("http://app.example.org", false)]
    public async Task Send_Origin_IsAllowedWhenNamed(string origin, bool allowed)
    {
        await using var host = await GuardedHost.StartAsync(
            AnonymousAccess.Loopback, with: options => options with { CorsOrigins = [Allowed] });
        foreach (var path in new[] { "/predict/bike", "/api/2.0/mlflow/runs/search" })
        {
            using var question = await host.SendAsync("OPTIONS", path, with: r =>
            {
                r.Headers.Add("Origin", origin);
                r.Headers.Add("Access-Control-Request-Method", "POST");
            });
            Assert.Equal(allowed, question.Headers.Contains("Access-Control-Allow-Origin"));
            using var answer = await host.SendAsync("POST", path, with: r => r.Headers.Add("Origin", origin));
            Assert.Equal(allowed, answer.IsSuccessStatusCode);
            Assert.Equal(allowed, answer.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task Send_NoOriginsNamed_NoHeaders()
    {
        await using var host = await GuardedHost.StartAsync(AnonymousAccess.Loopback);
        using var answer = await host.SendAsync("GET", "/v2", with: r => r.Headers.Add("Origin", Allowed));
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }
}
