using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Gyre.Server.Telemetry;

/// <summary>
/// Sends spans and metrics over OTLP while the host runs; what is left is sent when it stops. OpenTelemetry's own
/// variables set the rest: sampler, resource, headers, timeouts, batches, interval.
/// </summary>
internal sealed class OtlpExport(OtlpSettings settings) : IHostedService, IDisposable
{
    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.Traces)
        {
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource())
                .AddSource("Microsoft.AspNetCore").AddSource("Gyre.*")
                .AddOtlpExporter(options => Configure(options, "TRACES"))
                .Build();
        }

        if (settings.Metrics)
        {
            _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource())
                .AddMeter("Gyre.*")
                .AddOtlpExporter(options => Configure(options, "METRICS"))
                .Build();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Sends what is left, as long as the exporters' timeouts allow.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _traces, null)?.Dispose();
        Interlocked.Exchange(ref _metrics, null)?.Dispose();
    }

    // The variables come last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
    private static ResourceBuilder Resource() => ResourceBuilder.CreateEmpty()
        .AddService("gyre", serviceVersion: Http.GyreVersion.Text)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private void Configure(OtlpExporterOptions options, string signal)
    {
        options.Protocol = settings.IsGrpc(signal) ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        if (settings.Endpoint(signal) is { } endpoint) options.Endpoint = endpoint;
        if (settings.Headers(signal) is { } headers) options.Headers = headers;
    }
}
