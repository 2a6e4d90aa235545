using System.Security.Cryptography;
using Gyre.Serving.Http;
using Gyre.Serving.Traffic.Assignment;
using Gyre.Serving.Traffic.Canary;
using Gyre.Serving.Traffic.Outcomes;
using Gyre.Serving.Traffic.Shadow;
using Gyre.Serving.Traffic.Storage;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Gyre.Serving.Traffic;

/// <summary>Composes traffic policies into serving.</summary>
internal static class TrafficModule
{
    /// <summary>Adds what routes, counts, decides and mirrors.</summary>
    public static void AddTraffic(this IServiceCollection services)
    {
        services.TryAddSingleton<TrafficEventSink>(static (_, _) => { });
        services.TryAddSingleton(_ => new RandomPoints(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8))));
        services.TryAddSingleton<TrafficStore>();
        services.TryAddSingleton(s => new OutcomeReader(s.GetRequiredService<TrackingDatabase>()));
        services.TryAddSingleton(s => new ArmStore(MigratedBy(s)));
        services.TryAddSingleton(s => new ShadowStore(MigratedBy(s)));
        services.TryAddSingleton<EvidenceReader>();
        services.TryAddSingleton<TrafficReport>();
        services.TryAddSingleton(CreateChanges);
        services.TryAddSingleton<TrafficSteward>();
        services.TryAddSingleton(s => new TrafficControl(s.GetRequiredService<TrafficStore>(),
            s.GetRequiredService<TrafficReport>(), s.GetRequiredService<TrafficChanges>(),
            s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ShadowMirror>();
        services.TryAddSingleton<TrafficRouter>();
        services.TryAddSingleton<ITrafficRouter>(s => s.GetRequiredService<TrafficRouter>());
        services.TryAddSingleton<TrafficCounts>();
        services.TryAddSingleton<TrafficFollower>();
        services.TryAddSingleton<TrafficService>();
        services.TryAddSingleton<TrafficEndpoints>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<ShadowMirror>());
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<TrafficService>());
    }

    private static TrafficChanges CreateChanges(IServiceProvider services)
    {
        var changes = new TrafficChanges(
            services.GetRequiredService<TrafficStore>(), services.GetRequiredService<ModelRegistry>(),
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<TrafficEventSink>(),
            services.GetRequiredService<ServingOptions>().Alias);
        var metrics = services.GetRequiredService<ServingMetrics>();
        changes.Changed += happened => metrics.Decided(happened.Model, happened.Kind);
        return changes;
    }

    // The store's constructor makes all tables of traffic.
    private static TrackingDatabase MigratedBy(IServiceProvider services)
    {
        services.GetRequiredService<TrafficStore>();
        return services.GetRequiredService<TrackingDatabase>();
    }
}
