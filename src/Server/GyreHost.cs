using Gyre.Loop;
using Gyre.Loop.Ledger;
using Gyre.Primitives;
using Gyre.Server.Alerts;
using Gyre.Server.Http;
using Gyre.Server.Metrics;
using Gyre.Server.Protection;
using Gyre.Server.Telemetry;
using Gyre.Serving;
using Gyre.Serving.Grpc;
using Gyre.Tracking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Server;

/// <summary>The composition root: what a running Gyre consists of.</summary>
public static class GyreHost
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Builds a host over a workspace; start it with <c>StartAsync</c> or <c>RunAsync</c>. Stopping lets requests
    /// under way finish and drains the logs. Dispose it to let go of the database.
    /// </summary>
    /// <exception cref="GyreException">An option is not valid, or the database cannot be opened.</exception>
    public static WebApplication Build(GyreHostOptions options)
    {
        ListenAddresses.Check(
            ListenAddresses.Join(options.Urls, options.GrpcUrls), options.Protection.Tls is not null);
        if (options is { Loop: true, Artifacts: not null })
        {
            throw GyreException.Invalid(
                $"{options.Artifacts}: a workspace with a pipeline keeps its artifacts in its own folder.");
        }

        var otlp = OtlpSettings.Read(options.Otlp, Environment.GetEnvironmentVariable);
        // The empty builder: no configuration files, no file watchers, no scanning; start-up stays far under a second.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "gyre" });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .UseUrls(ListenAddresses.Join(options.Urls, options.GrpcUrls))
            .ConfigureKestrel(kestrel => Configure(kestrel, ListenAddresses.Count(options.Urls)));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        HostLogging.Add(builder.Logging, options.LogLevel, options.LogFormat);

        var services = builder.Services;
        services.AddRoutingCore();
        services.AddMetrics();
        services.AddOtlp(otlp);
        services.AddSingleton(options.Time);
        AddWorkspace(services, options);
        services.AddSingleton(provider => TrafficLedger.Of(provider.GetRequiredService<TrackingDatabase>()));
        services.AddAlerts();
        services.AddServing(options.Serving);
        services.AddExposition();
        services.AddSingleton(options);
        services.AddProtection(options);
        if (options.Loop) services.AddLoop(options.Workspace);

        var app = builder.Build();
        app.UseOtlp(otlp);
        app.UseErrorAnswers();
        app.UseGrpcAnswers();
        app.UseRouting();
        app.UseProtection();
        app.MapHealth();
        app.MapMetrics(options.MetricNames);
        app.MapTracking();
        app.MapServing();
        app.MapAlerts();
        return app;
    }

    private static void Configure(KestrelServerOptions kestrel, int httpEndpoints)
    {
        // Endpoints are bound in the order of their addresses, those of gRPC last.
        var bound = 0;
        kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            if (bound++ >= httpEndpoints) endpoint.Protocols = HttpProtocols.Http2;
        });
        // A client keeps all its calls on one connection; above this many at once they queue on its side.
        kestrel.Limits.Http2.MaxStreamsPerConnection = 512;
        kestrel.AddServerHeader = false;
        // Long histories leave in fewer, larger pieces; a slow reader still holds back its answer at this size.
        kestrel.Limits.MaxResponseBufferSize = 1 << 20;
    }

    private static void AddWorkspace(IServiceCollection services, GyreHostOptions options)
    {
        var folder = Path.Combine(options.Workspace, ".gyre");
        var store = options.Store ?? StoreAddress.OfFile(Path.Combine(folder, "gyre.db"));
        services.AddSingleton(_ => TrackingDatabase.Open(store, options.Durability, options.Time));
        services.AddSingleton(new ArtifactStore(options.Artifacts?.Folder ?? Path.Combine(folder, "artifacts")));
        if (options.Artifacts is { } artifacts) services.AddSingleton(artifacts);
        services.AddSingleton(options.Tracking with { AllowedOrigins = options.Protection.CorsOrigins });
        services.AddTracking();
    }
}
