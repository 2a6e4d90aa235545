using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gyre.Server.Metrics;

/// <summary>Composes <c>GET /metrics</c> into a host.</summary>
internal static class MetricsModule
{
    /// <summary>Adds the exposition of all meters named <c>Gyre.*</c> that this host's factory makes.</summary>
    public static IServiceCollection AddExposition(this IServiceCollection services)
    {
        services.TryAddSingleton<IMetricsExposition>(
            s => new PrometheusExposition(s.GetRequiredService<IMeterFactory>()));
        services.TryAddSingleton<ProcessMetrics>();
        return services;
    }

    /// <summary>Maps <c>/metrics</c> and begins to listen to the meters, before the first request.</summary>
    public static void MapMetrics(this WebApplication app)
    {
        var exposition = app.Services.GetRequiredService<IMetricsExposition>();
        app.Services.GetRequiredService<ProcessMetrics>();
        app.MapGet("/metrics", (HttpContext context) => AnswerAsync(context, exposition));
    }

    private static async Task AnswerAsync(HttpContext context, IMetricsExposition exposition)
    {
        var body = new ArrayBufferWriter<byte>(8192);
        exposition.Write(body);
        context.Response.ContentType = exposition.ContentType;
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
