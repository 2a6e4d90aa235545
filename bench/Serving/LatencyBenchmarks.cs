using System.Net.Http.Json;
using Gyre.Bench.Tracking;

namespace Gyre.Bench.Serving;

/// <summary>Latencies at a constant rate; each counts from the time that its request was due.</summary>
internal static class LatencyBenchmarks
{
    private const int Connections = 16;

    /// <summary>At 500 requests/s, and at 70 % of what the server answers at most.</summary>
    public static void Latency(ServingLoad bench)
    {
        using var server = bench.Start();
        bench.WarmUp(server, RateBenchmarks.Infer);
        var request = HttpLoad.Post(server.Address, RateBenchmarks.Infer, bench.Body);
        var slow = Three(() => OpenLoad.Run(server.Address, request, 500, bench.Duration, Connections));
        Bars.AtMost("p99 at 500 requests/s, median of three", RateBenchmarks.Median(slow.Select(s => s.At(0.99))), 2.2, "ms");

        var most = HttpLoad.Closed(server.Address, request, bench.Connections, TimeSpan.FromSeconds(5));
        var busy = Three(() => OpenLoad.Run(
            server.Address, request, (int)(0.7 * most), bench.Duration, bench.Connections));
        Bars.AtMost($"p99 at 70 % of {most:F0} requests/s, median of three",
            RateBenchmarks.Median(busy.Select(s => s.At(0.99))), 10, "ms");
    }

    /// <summary>What a shadow adds to the primary's latency: two servers in turns, one of them with a shadow.</summary>
    public static void Shadow(ServingLoad bench)
    {
        using var plain = bench.Start();
        using var shadowed = bench.StartWithTwo();
        using var client = new HttpClient { BaseAddress = shadowed.Address };
        client.PutAsJsonAsync("/api/gyre/traffic/adult", new { policy = "shadow", challenger = 1, sample = 1.0 })
            .GetAwaiter().GetResult().EnsureSuccessStatusCode();
        bench.WarmUp(plain, RateBenchmarks.Infer);
        bench.WarmUp(shadowed, RateBenchmarks.Infer);
        List<double> without = [], with = [];
        for (var turn = 0; turn < 5; turn++)
        {
            without.Add(P99(bench, plain));
            with.Add(P99(bench, shadowed));
        }

        Bars.Print($"p99 without {string.Join(", ", without.Select(Text))}; with {string.Join(", ", with.Select(Text))} ms");
        Bars.Print($"{client.GetStringAsync("/api/gyre/traffic/adult").GetAwaiter().GetResult()}");
        Bars.AtMost("a shadow adds to p99 at 500 requests/s, medians",
            100 * (RateBenchmarks.Median(with) / RateBenchmarks.Median(without) - 1), 5, "%");
    }

    private static double P99(ServingLoad bench, ServerProcess server)
    {
        var request = HttpLoad.Post(server.Address, RateBenchmarks.Infer, bench.Body);
        return OpenLoad.Run(server.Address, request, 500, bench.Duration, Connections).At(0.99);
    }

    private static List<LatencySummary> Three(Func<LatencySummary> measure)
    {
        var all = new List<LatencySummary>();
        for (var i = 0; i < 3; i++)
        {
            all.Add(measure());
            Bars.Print($"  {all[^1]}");
        }

        return all;
    }

    private static string Text(double milliseconds) =>
        milliseconds.ToString("F2", System.Globalization.CultureInfo.InvariantCulture);
}
