using System.Diagnostics;
using System.Globalization;
using System.Net;
using Gyre.Server;
using Gyre.Server.Protection;
using Gyre.Server.Protection.Keys;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Bench;

/// <summary>What the protection of a request costs: the gate alone, before an endpoint that answers at once.</summary>
internal static class GuardBenchmark
{
    private const int Requests = 2_000_000;
    private const double Allowed = 1000; // ns per anonymous request

    public static int Run(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("gyre-guard").FullName;
        try
        {
            using var host = GyreHost.Build(new GyreHostOptions { Workspace = folder });
            var keys = host.Services.GetRequiredService<ApiKeyStore>();
            var key = keys.CreateAsync(
                new KeyRequest { Name = "bench", Scopes = Scopes.Predict, Rate = new RateLimit(int.MaxValue, TimeSpan.FromSeconds(1)) },
                CancellationToken.None).GetAwaiter().GetResult().Text;
            host.Services.GetRequiredService<KeyFollower>().Refresh();
            var gate = host.Services.GetRequiredService<Gate>();

            var (time, bytes) = Measure("anonymous, prediction", gate, Context("POST", "/predict/{model}"));
            Measure("anonymous, description", gate, Context("GET", "/v2"));
            Measure("open", gate, Context("GET", "/health"));
            Measure("key with a rate, prediction", gate, Context("POST", "/predict/{model}", key));
            return time < Allowed && bytes < 1 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (double Nanoseconds, double Bytes) Measure(string name, Gate gate, HttpContext context)
    {
        RequestDelegate next = static _ => Task.CompletedTask;
        Repeat(gate, context, next, Requests / 10); // compiled and warm
        var (allocated, started) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        Repeat(gate, context, next, Requests);
        var time = Stopwatch.GetElapsedTime(started).TotalNanoseconds / Requests;
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Requests;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-30} {time,8:F0} ns {bytes,8:F1} bytes"));
        return (time, bytes);
    }

    private static void Repeat(Gate gate, HttpContext context, RequestDelegate next, int times)
    {
        for (var i = 0; i < times; i++)
        {
            if (!gate.InvokeAsync(context, next).IsCompletedSuccessfully || context.Response.StatusCode != 200)
                throw new InvalidOperationException("The request was refused.");
        }
    }

    private static DefaultHttpContext Context(string method, string route, string? key = null)
    {
        var context = new DefaultHttpContext { Request = { Method = method, Protocol = "HTTP/1.1" } };
        (context.Connection.RemoteIpAddress, context.Connection.LocalIpAddress) = (IPAddress.Loopback, IPAddress.Loopback);
        context.Request.Headers.Host = "127.0.0.1:5000";
        if (key is not null) context.Request.Headers.Authorization = $"Bearer {key}";
        var connection = new Connection();
        context.Features.Set<IPersistentStateFeature>(connection);
        context.Features.Set<IConnectionLifetimeFeature>(connection);
        context.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse(route), 0,
            new EndpointMetadataCollection(new HttpMethodMetadata([method])), route));
        return context;
    }

    private sealed class Connection : IPersistentStateFeature, IConnectionLifetimeFeature
    {
        private readonly CancellationTokenSource _closed = new();

        public Connection() => ConnectionClosed = _closed.Token;

        public IDictionary<object, object?> State { get; } = new Dictionary<object, object?>();

        public CancellationToken ConnectionClosed { get; set; }

        public void Abort() => _closed.Cancel();
    }
}
