using System.Globalization;
using Gyre.Bench.Tracking;

namespace Gyre.Bench.Serving;

/// <summary>
/// Three times what a server can answer, for a minute: the model is one that costs much more than reading its request
/// (100 rounds of 26 classes on letter_recognition), or the generator could not send so much from the same machine.
/// </summary>
internal static class OverloadBenchmark
{
    private const int Connections = 512;

    public static void Run(int seconds)
    {
        using var folder = new BenchmarkFolder();
        var model = BenchmarkModel.Train(100, "letter_recognition");
        model.RegisterAsync(folder.Path).GetAwaiter().GetResult();
        using var server = ServerProcess.Start(folder.Path, ["--queue-timeout", "0.5"], "letter_recognition");
        var request = HttpLoad.Post(
            server.Address, "/v2/models/letter_recognition/infer", model.InferenceBody(model.WholeRow));
        HttpLoad.Closed(server.Address, request, 16, TimeSpan.FromSeconds(5)); // warm-up
        var capacity = HttpLoad.Closed(server.Address, request, 16, TimeSpan.FromSeconds(5));
        var before = server.ResidentMiB;
        var load = new OverloadCounts();
        OpenLoad.Run(server.Address, request, (int)(3 * capacity), TimeSpan.FromSeconds(seconds), Connections, load);
        var during = server.ResidentMiB;
        var after = HttpLoad.Closed(server.Address, request, 16, TimeSpan.FromSeconds(5));

        Bars.Print($"capacity {capacity:N0}/s, offered {3 * capacity:N0}/s for {seconds} s on {Connections} connections");
        Bars.Print($"answered {load.Answered.Count / (double)seconds:N0}/s, turned away {load.Refused.Count / (double)seconds:N0}/s, other {load.Other}");
        Bars.AtMost("answered, p99.9 from sending (deadline 500 ms)", OverloadCounts.Quantile(load.Answered, 0.999), 1000, "ms");
        if (!load.Refused.IsEmpty) Bars.AtMost("turned away, p99 from sending", OverloadCounts.Quantile(load.Refused, 0.99), 500, "ms");
        Bars.AtMost("answers that were neither", load.Other, 0, "");
        Bars.Print($"resident {before.ToString("N0", CultureInfo.InvariantCulture)} MiB before, {during:N0} during");
        Bars.AtLeast("afterwards, of the capacity", 100 * after / capacity, 90, "%");
    }
}
