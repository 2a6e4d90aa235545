using Gyre.Loop.Alerts;
using Gyre.Loop.Ledger;
using Gyre.Tracking;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gyre.Server.Alerts;

/// <summary>Composes alerts, and what reads them and the ledger over HTTP, into a host.</summary>
internal static class AlertsModule
{
    /// <summary>Adds what opens and ends alerts. Before serving, of which it must miss nothing.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.TryAddSingleton(s => new LedgerStore(s.GetRequiredService<TrackingDatabase>()));
        services.TryAddSingleton(s => new AlertStore(s.GetRequiredService<TrackingDatabase>()));
        services.AddHostedService<LoadAlerts>();
        return services;
    }

    /// <summary>Maps <c>/api/gyre/alerts</c> and <c>/api/gyre/ledger</c>.</summary>
    public static void MapAlerts(this IEndpointRouteBuilder routes) => AlertEndpoints.Map(routes);
}
