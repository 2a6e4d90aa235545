using Gyre.Server.Metrics;

namespace Gyre.Server.Tests.Metrics;

public sealed class PrometheusServerTests
{
    [ToolFact("prometheus")]
    public async Task Scrape_AfterTraffic_AnswersQueriesOverIt()
    {
        await using var host = await HostFixture.StartAsync(names: MetricNames.All);
        for (var i = 0; i < 20; i++) await host.PredictAsync();
        using var prometheus = PrometheusServer.Start(host.Address);

        Assert.Equal(1, await prometheus.QueryAsync("up{job=\"gyre\"}", value => value == 1));
        Assert.Equal(20, await prometheus.QueryAsync(
            "sum(gyre_inference_requests_total{protocol=\"predict\",outcome=\"ok\"})", value => value > 0));
        var median = await prometheus.QueryAsync(
            "histogram_quantile(0.5, sum by (le) (gyre_inference_request_duration_seconds_bucket))", value => value > 0);
        var mean = await prometheus.QueryAsync(
            "sum(gyre_inference_request_duration_seconds_sum) / sum(gyre_inference_request_duration_seconds_count)",
            value => value > 0);
        Assert.InRange(median, 1e-6, 10);
        Assert.InRange(mean, 1e-6, 10);
        Assert.Equal(20, await prometheus.QueryAsync("sum(nv_inference_request_success)", value => value > 0));
    }
}
