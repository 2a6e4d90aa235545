using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Telemetry;

/// <summary>A span as it was received.</summary>
internal sealed record ReceivedSpan(
    string Trace, string Id, string Parent, string Name, ulong Kind, ulong Start, ulong End,
    Dictionary<string, string> Attributes, ulong Status);

/// <summary>A collector: takes OTLP over HTTP as protobuf, on a free port.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public ConcurrentQueue<ReceivedSpan> Spans { get; } = new();

    public ConcurrentDictionary<string, bool> Services { get; } = new();

    public ConcurrentDictionary<string, bool> Metrics { get; } = new();

    public ConcurrentQueue<string?> Authorizations { get; } = new();

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.UseRouting();
        app.MapPost("/v1/traces", (HttpContext context) => receiver.TakeAsync(context, receiver.TakeTraces));
        app.MapPost("/v1/metrics", (HttpContext context) => receiver.TakeAsync(context, receiver.TakeMetrics));
        await app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context, Action<ProtobufFields> take)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Assert.Equal("application/x-protobuf", context.Request.ContentType);
        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        take(new ProtobufFields(body.ToArray()));
        context.Response.ContentType = "application/x-protobuf";
    }

    // opentelemetry/proto/trace/v1/trace.proto: resource_spans 1, in it resource 1 and scope_spans 2, in that spans 2.
    private void TakeTraces(ProtobufFields request)
    {
        foreach (var resource in request.Messages(1))
        {
            Services[Attributes(resource.Message(1), 1)["service.name"]] = true;
            foreach (var span in resource.Messages(2).SelectMany(scope => scope.Messages(2)))
            {
                Spans.Enqueue(new ReceivedSpan(
                    Hex(span, 1), Hex(span, 2), Hex(span, 4), span.Text(5), span.Number(6), span.Number(7),
                    span.Number(8), Attributes(span, 9), span.Message(15).Number(3)));
            }
        }
    }

    // metrics.proto: resource_metrics 1, scope_metrics 2, metrics 2, name 1.
    private void TakeMetrics(ProtobufFields request)
    {
        var metrics = request.Messages(1).SelectMany(r => r.Messages(2)).SelectMany(scope => scope.Messages(2));
        foreach (var metric in metrics) Metrics[metric.Text(1)] = true;
    }

    private static Dictionary<string, string> Attributes(ProtobufFields owner, int field) =>
        owner.Messages(field).ToDictionary(pair => pair.Text(1), pair => ValueOf(pair.Message(2)));

    // AnyValue: string 1, bool 2, int 3.
    private static string ValueOf(ProtobufFields value) =>
        value.Has(1) ? value.Text(1) : value.Has(3) ? $"{(long)value.Number(3)}" : $"{value.Number(2)}";

    private static string Hex(ProtobufFields span, int field) => Convert.ToHexStringLower(span.Bytes(field));
}
