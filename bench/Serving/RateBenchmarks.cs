using System.Diagnostics;
using System.Globalization;
using Gyre.Bench.Tracking;
using Gyre.Primitives;

namespace Gyre.Bench.Serving;

/// <summary>Requests/s, as ratios of two things measured in turns.</summary>
internal static class RateBenchmarks
{
    public const string Infer = "/v2/models/adult/infer";

    private const int Turns = 5;

    /// <summary>Against an endpoint of the same host that sends the same body back, and one that answers {}.</summary>
    public static void Throughput(ServingLoad bench)
    {
        using var server = bench.Start();
        bench.WarmUp(server, Infer, "/health/echo", "/health/empty");
        List<double> infer = [], echo = [], empty = [], cost = [], echoCost = [];
        for (var turn = 0; turn < Turns; turn++)
        {
            Add(bench, server, "/health/echo", echo, echoCost);
            Add(bench, server, Infer, infer, cost);
            Add(bench, server, "/health/empty", empty, []);
        }

        Bars.Print($"echo {Median(echo):N0}/s ({Median(echoCost):N1} µs CPU each), empty {Median(empty):N0}/s");
        Bars.Print($"infer {Median(infer):N0}/s ({Median(cost):N1} µs CPU each); turns {string.Join(", ", infer.Select(r => r.ToString("N0", CultureInfo.InvariantCulture)))}");
        Bars.AtLeast("one row over OIP REST, of an echo", 100 * Median(infer) / Median(echo), 50, "%");
        Bars.Print($"       of an empty answer: {100 * Median(infer) / Median(empty):N1} %; resident {server.ResidentMiB:N0} MiB");
    }

    /// <summary>What the prediction log costs: the same server without it, in turns.</summary>
    public static void Log(ServingLoad bench)
    {
        using var logging = bench.Start();
        using var silent = bench.Start("--sample", "0");
        bench.WarmUp(logging, Infer);
        bench.WarmUp(silent, Infer);
        List<double> with = [], without = [], cost = [], costWithout = [];
        for (var turn = 0; turn < Turns; turn++)
        {
            Add(bench, logging, Infer, with, cost);
            Add(bench, silent, Infer, without, costWithout);
        }

        Bars.Print($"with the log {Median(with):N0}/s, {Median(cost):N1} µs CPU; without {Median(without):N0}/s, {Median(costWithout):N1} µs");
        Bars.AtMost("the prediction log costs", 100 - (100 * Median(with) / Median(without)), 10, "% of the requests");
    }

    /// <summary>Against FastAPI with XGBoost, two workers.</summary>
    public static void Peer(ServingLoad bench)
    {
        const string Python = "/usr/bin/python3";
        var port = HttpLoad.FreePort();
        var address = new Uri($"http://127.0.0.1:{port}");
        var start = new ProcessStartInfo(Python,
            ["bench/peers/serving.py", "../shared/data", port.ToString(CultureInfo.InvariantCulture), "2"]);
        if (!File.Exists(Python)) throw GyreException.Invalid($"{Python} is absent.");
        using var peer = Process.Start(start)!; // null only where the shell starts it
        try
        {
            HttpLoad.WaitUntilUp(new Uri(address, "/health"), peer);
            using var server = bench.Start();
            var rows = "{\"rows\":[" + bench.Model.RowObject(bench.Model.WholeRow) + "]}";
            WrkResult Ask() => Wrk.Post(new Uri(address, "/predict"), rows, bench.Connections, 1, bench.Duration);
            bench.WarmUp(server, Infer);
            Ask();
            List<double> ours = [], theirs = [];
            for (var turn = 0; turn < 3; turn++)
            {
                theirs.Add(Ask().Rate);
                ours.Add(bench.Closed(server, Infer).Rate);
            }

            Bars.Print($"FastAPI and XGBoost, two workers: {Median(theirs):N0}/s; Gyre {Median(ours):N0}/s");
            Bars.AtLeast("times FastAPI and XGBoost", Median(ours) / Median(theirs), 10, "x");
        }
        finally
        {
            peer.Kill(entireProcessTree: true);
        }
    }

    public static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    private static void Add(
        ServingLoad bench, ServerProcess server, string path, List<double> rates, List<double> microseconds)
    {
        var before = server.ProcessorTime;
        var result = bench.Closed(server, path);
        if (result.Errors > 0) throw GyreException.Invalid($"{path}: {result.Errors} answers were errors.");
        rates.Add(result.Rate);
        microseconds.Add((server.ProcessorTime - before).TotalMicroseconds / (result.Rate * bench.Duration.TotalSeconds));
    }
}
