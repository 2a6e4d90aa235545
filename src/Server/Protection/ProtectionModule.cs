using System.Security.Authentication;
using Gyre.Server.Protection.Audit;
using Gyre.Server.Protection.Keys;
using Gyre.Server.Protection.Limits;
using Gyre.Server.Protection.Tls;
using Gyre.Tracking;
using Gyre.Tracking.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Gyre.Server.Protection;

/// <summary>Composes protection into a host: who may ask what, how often, and over which connection.</summary>
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
        services.TryAddSingleton<UsageRecorder>();
        services.TryAddSingleton<AuditStore>();
        services.TryAddSingleton<AuditLog>();
        services.TryAddSingleton<AuditTrail>();
        services.TryAddSingleton<RouteTable>();
        services.TryAddSingleton(s => new HostGuard(s.GetRequiredService<TrackingOptions>()));
        services.TryAddSingleton(
            s => new AnonymousRule(options.Protection.Anonymous, s.GetRequiredService<HostGuard>()));
        services.TryAddSingleton<Gate>();
        services.AddHostedService(s => s.GetRequiredService<KeyFollower>());
        services.AddHostedService(s => s.GetRequiredService<UsageRecorder>()); // finds the keys, which are read before
        services.AddHostedService(s => s.GetRequiredService<AuditLog>());
        services.AddHostedService<StartNotice>();
        AddCors(services, options.Protection.CorsOrigins);
        if (options.Protection.Tls is { } tls) AddTls(services, tls);
        return services;
    }

    /// <summary>Guards what is mapped on the host; after routing, before all endpoints.</summary>
    public static void UseProtection(this WebApplication app)
    {
        // A browser's question whether it may ask carries no key.
        if (app.Services.GetRequiredService<ProtectionOptions>().CorsOrigins.Count > 0) app.UseCors();
        var gate = app.Services.GetRequiredService<Gate>();
        app.Use(next => context => gate.InvokeAsync(context, next));
    }

    private static void AddCors(IServiceCollection services, IReadOnlyList<string> origins)
    {
        if (origins.Count == 0) return;
        services.AddCors(cors => cors.AddDefaultPolicy(
            policy => policy.WithOrigins([.. origins]).AllowAnyHeader().AllowAnyMethod()));
    }

    private static void AddTls(IServiceCollection services, TlsOptions options)
    {
        services.TryAddSingleton(options);
        services.TryAddSingleton<CertificateFollower>();
        services.AddHostedService(s => s.GetRequiredService<CertificateFollower>());
        services.AddOptions<KestrelServerOptions>().Configure<CertificateFollower>((kestrel, certificates) =>
            kestrel.ConfigureHttpsDefaults(https => Configure(https, certificates)));
    }

    private static void Configure(HttpsConnectionAdapterOptions https, CertificateFollower certificates)
    {
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        // Demanded, but the one below counts, which also sends the certificates in between.
        https.ServerCertificateSelector = (_, _) => certificates.Current.Leaf;
        https.OnAuthenticate = (_, handshake) =>
        {
            handshake.ServerCertificateSelectionCallback = null;
            handshake.ServerCertificateContext = certificates.Current.Context;
        };
    }
}
