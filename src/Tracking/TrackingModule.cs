using Gyre.Tracking.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gyre.Tracking;

/// <summary>Puts tracking and the registry into a host: the stores and MLflow's REST API.</summary>
public static class TrackingModule
{
    /// <summary>The release of MLflow whose protocol is spoken, as <c>GET /version</c> tells it.</summary>
    public const string ProtocolVersion = "3.11.2";

    /// <summary>
    /// Adds the stores; the host adds <see cref="TrackingDatabase"/> and <see cref="ArtifactStore"/>.
    /// </summary>
    public static IServiceCollection AddTracking(this IServiceCollection services) => services
        .AddSingleton<ExperimentStore>()
        .AddSingleton<RunStore>()
        .AddRegistry()
        .AddArtifacts()
        .AddSingleton<ClientRuns>()
        .AddSingleton<MetricHistory>()
        .AddSingleton<ExperimentEndpoints>()
        .AddSingleton<RunEndpoints>()
        .AddSingleton<RunLogEndpoints>()
        .AddSingleton<MetricEndpoints>()
        .AddSingleton<ServerEndpoints>();

    /// <summary>Maps MLflow's REST API below <c>/api</c> and <c>/ajax-api</c>, and <c>/version</c>.</summary>
    public static void MapTracking(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var routes = new RestRoutes(
            endpoints, new HostGuard(services.GetService<TrackingOptions>() ?? new TrackingOptions()),
            services.GetRequiredService<ILoggerFactory>().CreateLogger("Gyre.Tracking"));
        services.GetRequiredService<ExperimentEndpoints>().Map(routes);
        services.GetRequiredService<RunEndpoints>().Map(routes);
        services.GetRequiredService<RunLogEndpoints>().Map(routes);
        services.GetRequiredService<MetricEndpoints>().Map(routes);
        services.GetRequiredService<ServerEndpoints>().Map(routes);
        services.MapRegistry(routes);
        services.MapArtifacts(routes);
        endpoints.MapGet("/version", context => context.Response.WriteAsync(ProtocolVersion, context.RequestAborted));
    }
}
