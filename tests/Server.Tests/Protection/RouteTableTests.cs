using Gyre.Server.Protection;
using Gyre.Server.Protection.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Protection;

public sealed class RouteTableTests
{
    [Fact]
    public async Task Of_EveryEndpointOfTheHost_IsListed()
    {
        await using var host = await GuardedHost.StartAsync();
        var table = new RouteTable();
        var endpoints = Endpoints(host);
        Assert.True(endpoints.Count > 100);
        Assert.Equal([], endpoints.Where(endpoint => !table.Of(endpoint).IsListed).Select(endpoint => endpoint.DisplayName));
    }

    [Fact]
    public async Task Of_AnEndpointThatIsNotListed_DemandsAdmin()
    {
        await using var host = await GuardedHost.StartAsync();
        host.Fixture.App.MapGet("/new", () => "");
        var added = Endpoints(host).Single(endpoint => endpoint.RoutePattern.RawText == "/new");
        Assert.Equal((Scopes.Admin, false), (new RouteTable().Of(added).Scopes, new RouteTable().Of(added).IsListed));
    }

    [Fact]
    public async Task Of_OpenEndpoints_AreHealthAlone()
    {
        await using var host = await GuardedHost.StartAsync();
        var table = new RouteTable();
        var open = Endpoints(host).Where(endpoint => table.Of(endpoint).IsOpen).Select(e => e.RoutePattern.RawText!).ToHashSet();
        Assert.Superset(new HashSet<string> { "/health", "/v2/health/live", "/v2/health/ready" }, open);
        Assert.Subset(new HashSet<string>
        {
            "/health", "/v2/health/live", "/v2/health/ready", "/ping",
            "/inference.GRPCInferenceService/ServerLive", "/inference.GRPCInferenceService/ServerReady",
            "/grpc.health.v1.Health/Check",
        }, open);
    }

    private static List<RouteEndpoint> Endpoints(GuardedHost host) =>
        [.. ((IEndpointRouteBuilder)host.Fixture.App).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()];
}
