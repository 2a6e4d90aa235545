using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Gyre.Fixtures;
using Gyre.Server.Tests.OnnxFlavor;
using Gyre.Serving.Measurements;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gyre.Server.Tests;

/// <summary>A client that goes away is nobody's failure: no line in the log, no error in the metrics.</summary>
public sealed class ClientsThatLeaveTests(FlavorHost host) : IClassFixture<FlavorHost>
{
    private const int Clients = 40;

    [Fact]
    public Task Grpc_HalfAMessageThenCancelled_IsNoFailure() => IsNoFailureAsync(async begun =>
    {
        using var client = new HttpClient();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => CancelAsync(client, begun)));
    });

    [Fact]
    public Task Grpc_HalfAMessageThenGone_IsNoFailure() => IsNoFailureAsync(begun =>
        Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            using var client = new HttpClient(); // of its own, so that its connection goes with it
            await CancelAsync(client, begun, client.Dispose);
        })));

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1000, false)]
    [InlineData(null, true)]
    [InlineData(null, false)]
    public Task Rest_GoneWithoutWaiting_IsNoFailure(int? announced, bool abruptly) => IsNoFailureAsync(async begun =>
    {
        const string body = """{"inputs":[[1,2,3,4]]}""";
        var request = $"POST /models/stacked/invocations HTTP/1.1\r\nHost: localhost\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {announced ?? body.Length}\r\n\r\n{body}";
        for (var i = 0; i < Clients; i++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, host.Client.BaseAddress!.Port); // the fixture has started
            await socket.SendAsync(Encoding.ASCII.GetBytes(request));
            await begun(i + 1);
            if (abruptly) socket.LingerState = new LingerOption(true, 0);
        }
    });

    private async Task IsNoFailureAsync(Func<Func<int, Task>, Task> leave)
    {
        using var log = new KeptLines();
        host.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        using var requests = new RequestCount(host.Services.GetRequiredService<IMeterFactory>());

        await leave(count => Eventually.HoldsAsync(() => requests.Begun >= count));

        await Eventually.HoldsAsync(() => requests is { Begun: Clients, Active: 0 });
        Assert.True(log.Lines.IsEmpty, log.Lines.FirstOrDefault());
        var stacked = host.Services.GetRequiredService<InferenceMeasurements>().Read().Single(m => m.Model == "stacked");
        Assert.Equal(0, stacked.Requests(InferenceOutcome.Error));
        Assert.Equal(0, stacked.Queued);
        var answer = await host.PostAsync("/models/stacked/invocations", """{"inputs":[[1,2,3,4]]}""");
        Assert.Equal(1, answer.GetProperty("predictions").GetArrayLength());
    }

    private async Task CancelAsync(HttpClient client, Func<int, Task> begun, Action? leave = null)
    {
        using var cancellation = new CancellationTokenSource();
        using var content = new HalfContent(async () =>
        {
            await begun(Clients); // all are under way
            if (leave is null) await cancellation.CancelAsync();
            else leave();
        });
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(host.GrpcAddress, "/inference.GRPCInferenceService/ModelInfer"))
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content,
        };
        await Assert.ThrowsAnyAsync<Exception>(() => client.SendAsync(request, cancellation.Token));
    }

    /// <summary>A message of which half is sent, and nothing more.</summary>
    private sealed class HalfContent : HttpContent
    {
        private readonly Func<Task> _then;

        public HalfContent(Func<Task> then)
        {
            _then = then;
            Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[] { 0, 0, 0, 1, 0, 10, 2, 109 });
            await stream.FlushAsync();
            await _then();
            await stream.WriteAsync(new byte[8]); // which a cancelled call does not come to
            throw new OperationCanceledException();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>What is logged as a warning or worse.</summary>
    private sealed class KeptLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }

    /// <summary>The requests of one host, as the web server counts them.</summary>
    private sealed class RequestCount : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _active;
        private long _begun;

        public RequestCount(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "http.server.active_requests" && ReferenceEquals(instrument.Meter.Scope, meters))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, change, _, _) =>
            {
                Interlocked.Add(ref _active, change);
                if (change > 0) Interlocked.Increment(ref _begun);
            });
            _listener.Start();
        }

        public long Active => Volatile.Read(ref _active);

        public long Begun => Volatile.Read(ref _begun);

        public void Dispose() => _listener.Dispose();
    }
}
