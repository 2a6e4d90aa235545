using System.Diagnostics;

namespace Gyre.Server.Tests.Metrics;

public sealed class PrometheusExpositionTests
{
    [Fact]
    public async Task Metrics_AfterTraffic_CountsRequestsAndRejections()
    {
        await using var host = await HostFixture.StartAsync();
        for (var i = 0; i < 3; i++) await host.PredictAsync();
        await host.PredictAsync("""{"hr":"eight"}""");
        var text = await host.GetAsync("/metrics");

        Assert.Contains("gyre_inference_requests_total{model=\"bike\",version=\"1\",outcome=\"ok\"} 3\n", text);
        Assert.Contains("gyre_inference_requests_total{model=\"bike\",version=\"1\",outcome=\"rejected\"} 1\n", text);
        Assert.Contains("gyre_rejected_requests_total{model=\"bike\",reason=\"wrong-type\"} 1\n", text);
        Assert.Contains("gyre_inference_request_duration_seconds_count{model=\"bike\"} 3\n", text);
        Assert.Contains("gyre_inference_request_duration_seconds_bucket{model=\"bike\",le=\"+Inf\"} 3\n", text);
        Assert.Contains("gyre_served_model_version{model=\"bike\"} 1\n", text);
        Assert.Contains("process_cpu_seconds_total ", text);
        Assert.Contains("process_resident_memory_bytes ", text);
    }

    [Fact]
    public async Task Metrics_TwoHostsInOneProcess_CountForThemselves()
    {
        await using var first = await HostFixture.StartAsync();
        await using var second = await HostFixture.StartAsync();
        await first.PredictAsync();
        Assert.DoesNotContain("gyre_inference_requests_total{", await second.GetAsync("/metrics"));
    }

    [PromtoolFact]
    public async Task Metrics_CheckedByPromtool_FollowTheConventions()
    {
        await using var host = await HostFixture.StartAsync();
        await host.PredictAsync();
        await host.PredictAsync("""{"hr":"eight"}""");
        var text = await host.GetAsync("/metrics");
        using var promtool = Process.Start(new ProcessStartInfo("promtool", "check metrics")
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!; // null only where the shell starts it
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        var complaints = await promtool.StandardError.ReadToEndAsync() + await promtool.StandardOutput.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        Assert.True(promtool.ExitCode == 0, complaints);
        Assert.Equal("", complaints.Trim());
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class PromtoolFactAttribute : FactAttribute
    {
        public PromtoolFactAttribute()
        {
            var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
            if (!folders.Any(folder => File.Exists(Path.Combine(folder, "promtool"))))
                Skip = "promtool (Debian package 'prometheus') is not installed.";
        }
    }
}
