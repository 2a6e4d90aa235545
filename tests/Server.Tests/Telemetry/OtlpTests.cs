using Gyre.Primitives;
using Gyre.Serving.Slots;
using Gyre.Server.Telemetry;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Telemetry;

/// <summary>A process has one set of listeners: spans of other tests would come too.</summary>
[CollectionDefinition(nameof(OtlpTests), DisableParallelization = true)]
public sealed class OtlpCollection;

[Collection(nameof(OtlpTests))]
public sealed class OtlpTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Client = "00f067aa0ba902b7";
    private const ulong ServerKind = 2;
    private const ulong ErrorStatus = 2;

    [Fact]
    public async Task Predict_ClientsTrace_ContinuesWithPhases()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        string id;
        await using (var host = await HostFixture.StartAsync(otlp: receiver.Address))
        {
            id = await PredictAsync(host, Trace, "01");
        }

        var spans = receiver.Spans.Where(span => span.Trace == Trace).ToList();
        var server = Assert.Single(spans, span => span.Kind == ServerKind);
        Assert.Equal(("POST /predict/{model}", Client), (server.Name, server.Parent));
        Assert.Equal("POST", server.Attributes["http.request.method"]);
        Assert.Equal("/predict/{model}", server.Attributes["http.route"]);
        Assert.Equal("200", server.Attributes["http.response.status_code"]);
        Assert.Equal("/predict/bike", server.Attributes["url.path"]);
        Assert.Equal(("bike", "1"), (server.Attributes["gyre.model"], server.Attributes["gyre.version"]));
        Assert.Equal(id, server.Attributes["gyre.prediction_id"]);
        Assert.Equal("predict", server.Attributes["gyre.protocol"]);

        var phases = spans.Where(span => span.Parent == server.Id).OrderBy(span => span.Start).ToList();
        Assert.Equal(["queue", "compute", "encode"], phases.Select(span => span.Name));
        Assert.All(phases, phase => Assert.InRange(phase.Start, server.Start, phase.End));
        Assert.True(phases[1].End > phases[1].Start);
        Assert.Contains("gyre", receiver.Services.Keys);
    }

    [Fact]
    public async Task Predict_TraceThatIsNotSampled_SendsNothingOfIt()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        const string silent = "11111111111111111111111111111111";
        const string spoken = "22222222222222222222222222222222";
        await using (var host = await HostFixture.StartAsync(otlp: receiver.Address))
        {
            await PredictAsync(host, silent, "00");
            await PredictAsync(host, spoken, "01");
        }

        Assert.Contains(receiver.Spans, span => span.Trace == spoken);
        Assert.DoesNotContain(receiver.Spans, span => span.Trace == silent);
    }

    [Fact]
    public async Task Predict_Refused_TellsTheStatusAndNoPhases()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        const string trace = "33333333333333333333333333333333";
        await using (var host = await HostFixture.StartAsync(otlp: receiver.Address))
        {
            using var request = Request(host, trace, "01", """{"rows":[{"hr":"eight"}]}""");
            (await host.Client.SendAsync(request)).Dispose();
        }

        var span = Assert.Single(receiver.Spans, span => span.Trace == trace);
        Assert.Equal("400", span.Attributes["http.response.status_code"]);
        Assert.NotEqual(ErrorStatus, span.Status); // the client's mistake is none of the server's
    }

    [Fact]
    public async Task Swap_OtherVersion_IsASpanWithItsLoad()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var host = await HostFixture.StartAsync(otlp: receiver.Address))
        {
            await host.App.Services.GetRequiredService<ModelRegistry>().SetAliasAsync("bike", ModelAliases.Champion, 2);
            await host.App.Services.GetRequiredService<ChampionFollower>().RefreshAsync(CancellationToken.None);
        }

        var swap = Assert.Single(receiver.Spans, s => s.Name == "model.swap" && s.Attributes["gyre.version"] == "2");
        Assert.Equal(("bike", "1"), (swap.Attributes["gyre.model"], swap.Attributes["gyre.version.before"]));
        var load = Assert.Single(receiver.Spans, s => s.Name == "model.load" && s.Attributes["gyre.version"] == "2");
        Assert.Equal((swap.Trace, swap.Id), (load.Trace, load.Parent));
    }

    [Fact]
    public async Task Predict_MetricsToo_AreSent()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var host = await HostFixture.StartAsync(otlp: receiver.Address))
            await PredictAsync(host, Trace, "01");
        Assert.Contains("gyre.inference.requests", receiver.Metrics.Keys);
        Assert.Contains("gyre.inference.phase.duration", receiver.Metrics.Keys);
        Assert.Contains("gyre.model.loads", receiver.Metrics.Keys);
    }

    [Fact]
    public void Read_NothingConfigured_SendsNothing()
    {
        Assert.Null(OtlpSettings.Read(null, Variables()));
        Assert.Null(OtlpSettings.Read(null, Variables(("OTEL_EXPORTER_OTLP_ENDPOINT", ""))));
        Assert.Null(OtlpSettings.Read("http://c:4318", Variables(("OTEL_SDK_DISABLED", "true"))));
        Assert.Null(OtlpSettings.Read("http://c:4318",
            Variables(("OTEL_TRACES_EXPORTER", "none"), ("OTEL_METRICS_EXPORTER", "none"))));
    }

    [Fact]
    public void Read_Variables_SayWhatGoesWhere()
    {
        var general = OtlpSettings.Read(null, Variables(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318")))!; // set
        Assert.True(general is { Traces: true, Metrics: true });
        Assert.Null(general.Endpoint("TRACES")); // OpenTelemetry completes it
        var traces = OtlpSettings.Read(
            null, Variables(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c/own"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")))!; // set
        Assert.True(traces is { Traces: true, Metrics: false });
        Assert.Equal("http://c/own", traces.Endpoint("TRACES")?.AbsoluteUri);
        Assert.True(traces.IsGrpc("TRACES"));
        var given = OtlpSettings.Read("http://c:4318/", Variables(("OTEL_METRICS_EXPORTER", "none")))!; // set
        Assert.True(given is { Traces: true, Metrics: false });
        Assert.Equal("http://c:4318/v1/traces", given.Endpoint("TRACES")?.AbsoluteUri);
    }

    [Fact]
    public void Read_AddressThatIsNone_IsRefusedByName()
    {
        var error = Assert.Throws<GyreException>(() => OtlpSettings.Read("collector", Variables()));
        Assert.Contains("'collector'", error.Message);
    }

    private static Func<string, string?> Variables(params (string Name, string Value)[] variables) =>
        name => variables.Where(variable => variable.Name == name).Select(variable => variable.Value).FirstOrDefault();

    private static async Task<string> PredictAsync(HostFixture host, string trace, string flags)
    {
        using var request = Request(host, trace, flags, $$"""{"rows":[{{BikePackage.Row}}]}""");
        using var response = await host.Client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        using var answer = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return answer.RootElement.GetProperty("predictionId").GetString()!; // every answer has one
    }

    private static HttpRequestMessage Request(HostFixture host, string trace, string flags, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, "/predict/bike"))
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("traceparent", $"00-{trace}-{Client}-{flags}");
        return request;
    }
}
