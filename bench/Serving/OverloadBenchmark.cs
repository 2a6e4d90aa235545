using System.Globalization;
using Gyre.Bench.Tracking;

namespace Gyre.Bench.Serving;

/// <summary>
/// Three times what a server can answer, for a minute: the model is one that costs much more than reading its request,
/// or the generator could not send so much from the same machine. The capacity is taken with so many connections that
/// the largest runs are full and none is turned away.
/// </summary>
internal static class OverloadBenchmark
{
    private const int Connections = 1024;
    private const int CapacityConnections = 192;
    private const int Seconds = 5;

    public static void Run(int seconds)
    {
        using var folder = new BenchmarkFolder();
        var model = BenchmarkModel.TrainHeavy();
        model.RegisterAsync(folder.Path).GetAwaiter().GetResult();
        using var server = ServerProcess.Start(folder.Path, ["--queue-timeout", "0.1"], model.Name);
        var path = $"/v2/models/{model.Name}/infer";
        var body = model.InferenceBody(model.WholeRow);
        var request = HttpLoad.Post(server.Address, path, body);
        Capacity(server, path, body); // warm-up
        var capacity = Capacity(server, path, body);
        var before = server.ResidentMiB;
        var load = new OverloadCounts();
        var offered = (int)(3 * capacity);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        OpenLoad.Run(server.Address, request, offered, TimeSpan.FromSeconds(seconds), Connections, load);
        var took = clock.Elapsed.TotalSeconds;
        var during = server.ResidentMiB;
        var after = Capacity(server, path, body);

        Bars.Print($"capacity {capacity:N0}/s, offered {offered:N0}/s for {seconds} s on {Connections} connections, in {took:N0} s");
        Bars.Print($"answered {load.Answered.Count / took:N0}/s, turned away {load.Refused.Count / took:N0}/s, other {load.Other}");
        Bars.AtMost("answered, p99.9 from sending (0.1 s of waiting, then a run of 64)", OverloadCounts.Quantile(load.Answered, 0.999), 200, "ms");
        if (!load.Refused.IsEmpty) Bars.AtMost("turned away, p99 from sending", OverloadCounts.Quantile(load.Refused, 0.99), 100, "ms");
        Bars.AtMost("answers that were neither", load.Other, 0, "");
        Bars.Print($"resident {before.ToString("N0", CultureInfo.InvariantCulture)} MiB before, {during:N0} during");
        Bars.AtLeast("afterwards, of the capacity", 100 * after / capacity, 90, "%");
    }

    // Answers/s: requests that were turned away are none.
    private static double Capacity(ServerProcess server, string path, string body)
    {
        var result = Wrk.Post(new Uri(server.Address, path), body, CapacityConnections, 1, TimeSpan.FromSeconds(Seconds));
        return result.Rate - (result.Errors / (double)Seconds);
    }
}
