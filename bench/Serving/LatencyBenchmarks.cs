using System.Net.Http.Json;
using Gyre.Bench.Tracking;

namespace Gyre.Bench.Serving;

/// <summary>Latencies at a constant rate; each counts from the time that its request was due.</summary>
internal static class LatencyBenchmarks
{
    private const int Connections = 16;
    private const int ShadowTurns = 20;
    private const int ShadowWarmUps = 4;

    /// <summary>At 500 requests/s, and at 70 % of what the server answers at most.</summary>
    public static void Latency(ServingLoad bench)
    {
        using var server = bench.Start();
        bench.WarmUp(server, RateBenchmarks.Infer);
        var request = HttpLoad.Post(server.Address, RateBenchmarks.Infer, bench.Body);
        var slow = Three(() => OpenLoad.Run(server.Address, request, 500, bench.Duration, Connections));
        Bars.AtMost("p99 at 500 requests/s, median of three", RateBenchmarks.Median(slow.Select(s => s.At(0.99))), 2.2, "ms");

        var most = OpenLoad.Most(server.Address, request, bench.Duration, bench.Connections);
        var busy = Three(() => OpenLoad.Run(
            server.Address, request, (int)(0.7 * most), bench.Duration, bench.Connections));
        Bars.AtMost($"p99 at 70 % of {most:F0} requests/s, median of three",
            RateBenchmarks.Median(busy.Select(s => s.At(0.99))), 10, "ms");
    }

    /// <summary>
    /// What a shadow adds to the primary's latency: one server, the shadow switched on and off in turns; all answers of
    /// each kind together, because a turn's own p99 is a matter of a few requests.
    /// </summary>
    public static void Shadow(ServingLoad bench)
    {
        using var server = bench.StartWithTwo();
        using var client = new HttpClient { BaseAddress = server.Address };
        bench.WarmUp(server, RateBenchmarks.Infer);
        Switch(client, isOn: true);
        bench.WarmUp(server, RateBenchmarks.Infer);
        List<LatencySummary> without = [], with = [];
        // The first are not counted: at this rate what the full load left behind settles, and code is compiled, slowly.
        for (var turn = -ShadowWarmUps; turn < ShadowTurns; turn++)
        {
            // Not always the same one first.
            foreach (var isOn in turn % 2 == 0 ? [false, true] : new[] { true, false })
            {
                Switch(client, isOn);
                var request = HttpLoad.Post(server.Address, RateBenchmarks.Infer, bench.Body);
                var latencies = OpenLoad.Run(server.Address, request, 500, bench.Duration, Connections);
                if (turn >= 0) (isOn ? with : without).Add(latencies);
            }
        }

        Bars.Print($"p99 of turns without {Text(without)}; with {Text(with)} ms");
        var (plain, shadowed) = (LatencySummary.Of(without), LatencySummary.Of(with));
        Bars.Print($"without: {plain}");
        Bars.Print($"with:    {shadowed}");
        Bars.AtMost("a shadow adds to p99 at 500 requests/s", 100 * (shadowed.At(0.99) / plain.At(0.99) - 1), 5, "%");
    }

    private static void Switch(HttpClient client, bool isOn)
    {
        using var answer = isOn
            ? client.PutAsJsonAsync("/api/gyre/traffic/adult", new { policy = "shadow", challenger = 1, sample = 1.0 })
                .GetAwaiter().GetResult()
            : client.DeleteAsync("/api/gyre/traffic/adult").GetAwaiter().GetResult();
        answer.EnsureSuccessStatusCode();
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

    private static string Text(IEnumerable<LatencySummary> turns) => string.Join(", ", turns.Select(
        turn => turn.At(0.99).ToString("F2", System.Globalization.CultureInfo.InvariantCulture)));
}
