using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gyre.Server.Telemetry;

/// <summary>Composes OpenTelemetry into a host, where something is configured.</summary>
internal static class TelemetryModule
{
    /// <summary>Adds the export. Added first, it starts before and stops after everything that it tells of.</summary>
    public static void AddOtlp(this IServiceCollection services, OtlpSettings? settings)
    {
        if (settings is not null) AddExport(services, settings);
    }

    /// <summary>Describes requests to their spans, where spans are sent.</summary>
    public static void UseOtlp(this WebApplication app, OtlpSettings? settings)
    {
        if (settings is { Traces: true }) app.UseRequestSpans();
    }

    // Apart, so that OpenTelemetry's assemblies are loaded only here: they would cost every start.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddExport(IServiceCollection services, OtlpSettings settings) =>
        services.AddSingleton<IHostedService>(_ => new OtlpExport(settings));
}
