using Gyre.Server.Protection.Keys;
using Gyre.Tracking;
using Gyre.Tracking.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Gyre.Server.Protection;

/// <summary>Composes protection into a host: who may ask what.</summary>
internal static class ProtectionModule
{
    /// <summary>
    /// Adds protection. The host provides <see cref="TrackingDatabase"/>, <see cref="TrackingOptions"/> and
    /// <see cref="TimeProvider"/>.
    /// </summary>
    public static IServiceCollection AddProtection(this IServiceCollection services, GyreHostOptions options)
    {
        services.TryAddSingleton(options.Protection);
        services.TryAddSingleton<ApiKeyStore>();
        services.TryAddSingleton<KeyRing>();
        services.TryAddSingleton<KeyFollower>();
        services.TryAddSingleton<RouteTable>();
        services.TryAddSingleton(s => new HostGuard(s.GetRequiredService<TrackingOptions>()));
        services.TryAddSingleton(s => new AnonymousRule(options.Protection.Anonymous, s.GetRequiredService<HostGuard>()));
        services.TryAddSingleton<Gate>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<KeyFollower>());
        services.AddSingleton<IHostedService, StartNotice>();
        return services;
    }

    /// <summary>Guards what is mapped on the host; after routing, before all endpoints.</summary>
    public static void UseProtection(this WebApplication app)
    {
        var gate = app.Services.GetRequiredService<Gate>();
        app.Use(next => context => gate.InvokeAsync(context, next));
    }
}
