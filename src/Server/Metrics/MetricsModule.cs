using System.Buffers;
using System.Diagnostics.Metrics;
using Gyre.Serving.Measurements;
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
        services.TryAddSingleton(s => new MeterFamilies(s.GetRequiredService<IMeterFactory>()));
        services.TryAddSingleton<ProcessMetrics>();
        return services;
    }

    /// <summary>Maps <c>/metrics</c> and begins to listen to the meters, before the first request.</summary>
    public static void MapMetrics(this WebApplication app, MetricNames names)
    {
        var meters = app.Services.GetRequiredService<MeterFamilies>();
        app.Services.GetRequiredService<ProcessMetrics>();
        var measurements = app.Services.GetRequiredService<InferenceMeasurements>();
        measurements.Withdrawn += model => meters.Forget("model", model);
        var families = Choose(names, meters, measurements);
        app.MapGet("/metrics", (HttpContext context) => AnswerAsync(context, families));
    }

    private static IMetricFamilies[] Choose(MetricNames names, MeterFamilies meters, InferenceMeasurements measurements)
    {
        List<IMetricFamilies> families = [meters, new InferenceFamilies(measurements)];
        if (names.HasFlag(MetricNames.Triton)) families.Add(new TritonFamilies(measurements));
        if (names.HasFlag(MetricNames.Mlserver)) families.Add(new MlserverFamilies(measurements));
        if (names.HasFlag(MetricNames.Kserve)) families.Add(new KserveFamilies(measurements));
        return [.. families];
    }

    private static async Task AnswerAsync(HttpContext context, IMetricFamilies[] families)
    {
        // A scraper that can read OpenMetrics says so; Prometheus does, and prefers it.
        var openMetrics = context.Request.Headers.Accept.ToString().Contains(
            "application/openmetrics-text", StringComparison.OrdinalIgnoreCase);
        var writer = new ExpositionWriter(openMetrics);
        foreach (var source in families) source.Write(writer);
        var body = new ArrayBufferWriter<byte>(16_384);
        writer.End(body);
        context.Response.ContentType = writer.ContentType;
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
