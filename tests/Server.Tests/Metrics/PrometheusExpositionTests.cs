using System.Net.Http.Headers;
using Gyre.Server.Metrics;
using Gyre.Serving.Slots;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Metrics;

public sealed class PrometheusExpositionTests
{
    // Triton's names are older than the conventions; whoever asks for them wants exactly these.
    private static readonly string[] Unconventional = ["nv_inference_"];

    [Fact]
    public async Task Metrics_AfterTraffic_CountsRequestsAndRejections()
    {
        await using var host = await HostFixture.StartAsync();
        for (var i = 0; i < 3; i++) await host.PredictAsync();
        await host.PredictAsync("""{"hr":"eight"}""");
        var text = await host.GetAsync("/metrics");

        const string requests = "gyre_inference_requests_total{model=\"bike\",version=\"1\",protocol=\"predict\",";
        Assert.Contains(requests + "outcome=\"ok\"} 3\n", text);
        Assert.Contains(requests + "outcome=\"rejected\"} 1\n", text);
        Assert.Contains("gyre_rejected_requests_total{model=\"bike\",reason=\"wrong-type\"} 1\n", text);
        Assert.Contains("gyre_predictions_total{model=\"bike\",version=\"1\"} 3\n", text);
        const string duration = "gyre_inference_request_duration_seconds";
        Assert.Contains(duration + "_count{model=\"bike\",version=\"1\"} 3\n", text);
        Assert.Contains(duration + "_bucket{model=\"bike\",version=\"1\",le=\"+Inf\"} 3\n", text);
        foreach (var phase in new[] { "queue", "compute", "encode" })
        {
            Assert.Contains("gyre_inference_phase_duration_seconds_count"
                + $"{{model=\"bike\",version=\"1\",phase=\"{phase}\"}} 3\n", text);
        }

        Assert.Contains("gyre_inference_batch_rows_sum{model=\"bike\",version=\"1\"} 3\n", text);
        Assert.Contains("gyre_model_loads_total{model=\"bike\",outcome=\"ok\"} 1\n", text);
        Assert.Contains("gyre_models_loaded 1\n", text);
        Assert.Contains("gyre_served_model_version{model=\"bike\"} 1\n", text);
        Assert.Contains("process_cpu_seconds_total ", text);
        Assert.Contains("process_resident_memory_bytes ", text);
    }

    [Fact]
    public async Task Metrics_PhasesOfARequest_AreWithinItsWhole()
    {
        await using var host = await HostFixture.StartAsync();
        for (var i = 0; i < 5; i++) await host.PredictAsync();
        var samples = Exposition.Read(await host.GetAsync("/metrics"));
        var whole = samples["gyre_inference_request_duration_seconds_sum{model=\"bike\",version=\"1\"}"];
        double Phase(string name) =>
            samples[$"gyre_inference_phase_duration_seconds_sum{{model=\"bike\",version=\"1\",phase=\"{name}\"}}"];
        Assert.True(Phase("compute") > 0);
        Assert.True(Phase("encode") > 0);
        Assert.True(Phase("queue") + Phase("compute") + Phase("encode") <= whole);
    }

    [Fact]
    public async Task Metrics_TwoHostsInOneProcess_CountForThemselves()
    {
        await using var first = await HostFixture.StartAsync();
        await using var second = await HostFixture.StartAsync();
        await first.PredictAsync();
        Assert.DoesNotContain("gyre_inference_requests_total{", await second.GetAsync("/metrics"));
    }

    [Fact]
    public async Task Metrics_ModelWithdrawn_DropsItsSeries()
    {
        await using var host = await HostFixture.StartAsync(names: MetricNames.All);
        await host.PredictAsync();
        await host.PredictAsync("""{"hr":"eight"}""");
        Assert.Contains("model=\"bike\"", await host.GetAsync("/metrics"));
        var registry = host.App.Services.GetRequiredService<ModelRegistry>();
        await registry.RemoveAliasAsync("bike", ModelAliases.Champion);
        await host.App.Services.GetRequiredService<ChampionFollower>().RefreshAsync(CancellationToken.None);
        Assert.DoesNotContain("\"bike\"", await host.GetAsync("/metrics"));
    }

    [Fact]
    public async Task Metrics_FeedbackForAModelThatIsNone_MakesNoSeriesOfItsName()
    {
        await using var host = await HostFixture.StartAsync();
        await host.SendAsync(HttpMethod.Post, "/feedback/invented", """[{"predictionId":"nothing","actual":1}]""");
        var text = await host.GetAsync("/metrics");
        Assert.DoesNotContain("invented", text);
        Assert.Contains("gyre_feedback_received_total{model=\"\",result=\"unknown\"} 1\n", text);
    }

    [Fact]
    public async Task Metrics_PeersNames_SayTheSame()
    {
        await using var host = await HostFixture.StartAsync(names: MetricNames.All);
        for (var i = 0; i < 3; i++) await host.PredictAsync();
        await host.PredictAsync("""{"hr":"eight"}""");
        var text = await host.GetAsync("/metrics");

        Assert.Contains("nv_inference_request_success{model=\"bike\",version=\"1\"} 3\n", text);
        Assert.Contains("nv_inference_request_failure{model=\"bike\",reason=\"OTHER\",version=\"1\"} 1\n", text);
        Assert.Contains("nv_inference_exec_count{model=\"bike\",version=\"1\"} 3\n", text);
        Assert.Contains("model_infer_request_success_total{model=\"bike\",version=\"1\"} 3\n", text);
        Assert.Contains("model_infer_request_failure_total{model=\"bike\",version=\"1\"} 1\n", text);
        Assert.Contains("model_infer_request_duration_count{model=\"bike\",version=\"1\"} 3\n", text);
        Assert.Contains("request_predict_seconds_count{model_name=\"bike\"} 3\n", text);
        var samples = Exposition.Read(text);
        var seconds = samples["gyre_inference_request_duration_seconds_sum{model=\"bike\",version=\"1\"}"];
        Assert.Equal(seconds, samples["model_infer_request_duration_sum{model=\"bike\",version=\"1\"}"]);
        var microseconds = samples["nv_inference_request_duration_us{model=\"bike\",version=\"1\"}"];
        Assert.InRange(microseconds - seconds * 1e6, -0.51, 0.51); // whole ones there
    }

    [Fact]
    public async Task Metrics_AskedForOpenMetrics_AnswersIt()
    {
        await using var host = await HostFixture.StartAsync();
        await host.PredictAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, "/metrics"));
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text;version=1.0.0"));
        using var response = await host.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal("application/openmetrics-text", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("# TYPE gyre_inference_requests counter\n", text);
        Assert.Contains("gyre_inference_requests_total{", text);
        Assert.Contains(",le=\"1.0\"}", text);
        Assert.EndsWith("# EOF\n", text);
    }

    [ToolTheory("promtool")]
    [InlineData(MetricNames.Gyre)]
    [InlineData(MetricNames.Triton)]
    [InlineData(MetricNames.Mlserver)]
    [InlineData(MetricNames.Kserve)]
    [InlineData(MetricNames.All)]
    public async Task Metrics_CheckedByPromtool_FollowTheConventions(MetricNames names)
    {
        await using var host = await HostFixture.StartAsync(names: names);
        await host.PredictAsync();
        await host.PredictAsync("""{"hr":"eight"}""");
        await host.App.Services.GetRequiredService<ModelRegistry>().SetAliasAsync("bike", ModelAliases.Champion, 2);
        await host.App.Services.GetRequiredService<ChampionFollower>().RefreshAsync(CancellationToken.None);
        await host.PredictAsync();
        var complaints = await Promtool.CheckAsync(await host.GetAsync("/metrics"));
        Assert.DoesNotContain(complaints, line => !Unconventional.Any(line.StartsWith));
        if (!names.HasFlag(MetricNames.Triton)) Assert.Empty(complaints);
    }
}
