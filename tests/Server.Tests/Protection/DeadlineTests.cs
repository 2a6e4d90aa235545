using System.Net;
using System.Text.Json;
using Gyre.Server.Protection;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Protection;

public sealed class DeadlineTests
{
    [Fact]
    public async Task Predict_BeyondItsTime_Is504()
    {
        await using var host = await GuardedHost.StartAsync(
            AnonymousAccess.Loopback, with: options => options with { RequestTimeout = TimeSpan.FromMilliseconds(50) });
        var gate = host.Fixture.App.Services.GetRequiredService<Gate>();
        var context = Context("/predict/{model}");
        await gate.InvokeAsync(context, late => Task.Delay(Timeout.Infinite, late.RequestAborted));
        Assert.Equal(504, context.Response.StatusCode);
        context.Response.Body.Position = 0;
        var body = await JsonDocument.ParseAsync(context.Response.Body);
        Assert.Contains("0.05 s", body.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_HasNoTimeOfItsOwn()
    {
        await using var host = await GuardedHost.StartAsync(AnonymousAccess.Loopback);
        var gate = host.Fixture.App.Services.GetRequiredService<Gate>();
        var context = Context("/api/2.0/mlflow-artifacts/artifacts/{**path}");
        var before = context.RequestAborted;
        await gate.InvokeAsync(context, inside =>
        {
            Assert.Equal(before, inside.RequestAborted);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Predict_ClientGone_EndsTheRequestWithoutAnAnswer()
    {
        await using var host = await GuardedHost.StartAsync(AnonymousAccess.Loopback);
        var gate = host.Fixture.App.Services.GetRequiredService<Gate>();
        using var client = new CancellationTokenSource();
        var context = Context("/predict/{model}");
        context.RequestAborted = client.Token;
        var answer = gate.InvokeAsync(context, waiting => Task.Delay(Timeout.Infinite, waiting.RequestAborted));
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.Equal(200, context.Response.StatusCode);
    }

    [Fact]
    public async Task Predict_NextRequestOfTheConnection_HasItsOwnTime()
    {
        await using var host = await GuardedHost.StartAsync(
            AnonymousAccess.Loopback, with: options => options with { RequestTimeout = TimeSpan.FromMilliseconds(50) });
        var gate = host.Fixture.App.Services.GetRequiredService<Gate>();
        var connection = new Connection();
        for (var request = 0; request < 3; request++)
        {
            var context = Context("/predict/{model}");
            context.Features.Set<IPersistentStateFeature>(connection);
            await gate.InvokeAsync(context, late => Task.Delay(Timeout.Infinite, late.RequestAborted));
            Assert.Equal(504, context.Response.StatusCode);
            var next = Context("/predict/{model}");
            next.Features.Set<IPersistentStateFeature>(connection);
            await gate.InvokeAsync(next, early =>
            {
                Assert.False(early.RequestAborted.IsCancellationRequested);
                return Task.CompletedTask;
            });
            Assert.Equal(200, next.Response.StatusCode);
        }
    }

    private static DefaultHttpContext Context(string route)
    {
        var context = new DefaultHttpContext { Request = { Method = "POST", Protocol = "HTTP/1.1" } };
        (context.Connection.RemoteIpAddress, context.Connection.LocalIpAddress) = (IPAddress.Loopback, IPAddress.Loopback);
        context.Response.Body = new MemoryStream();
        context.SetEndpoint(new RouteEndpoint(
            _ => Task.CompletedTask, RoutePatternFactory.Parse(route), 0,
            new EndpointMetadataCollection(new HttpMethodMetadata(["POST"])), route));
        return context;
    }

    private sealed class Connection : IPersistentStateFeature
    {
        public IDictionary<object, object?> State { get; } = new Dictionary<object, object?>();
    }
}
