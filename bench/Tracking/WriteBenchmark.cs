using System.Diagnostics;
using Gyre.Bench.Serving;

namespace Gyre.Bench.Tracking;

/// <summary>Writing: batches of 1000 metrics against the driver alone, single metrics from 8 clients.</summary>
internal static class WriteBenchmark
{
    private const int Clients = 8;
    private const int Turns = 3;

    public static void Run(TrackingOptions options)
    {
        using var folder = new BenchmarkFolder();
        using var store = BenchmarkStore.Create(options, folder.Path, "writes");
        using var server = GyreServer.Start(folder.Path, store.Address);
        Batches(server, 1, TimeSpan.FromSeconds(2)); // warm-up
        List<double> driver = [], one = [], several = [];
        for (var turn = 0; turn < Turns; turn++)
        {
            using (var alone = BenchmarkStore.Create(options, folder.Path, $"driver{turn}"))
                driver.Add(DriverAlone.Run(alone.Address, options.Seconds));
            one.Add(Batches(server, 1, options.Seconds));
            several.Add(Batches(server, 4, options.Seconds));
        }

        double Median(List<double> rates) => rates.Order().ElementAt(Turns / 2);
        Bars.Print($"driver alone: {Median(driver):N0} rows/s");
        Bars.AtLeast("log-batch of 1000, 1 client", Median(one), 40_000, "rows/s");
        Bars.AtLeast("log-batch of 1000, 4 clients", Median(several), 40_000, "rows/s");
        Bars.AtLeast("of the driver alone, 1 client", 100 * Median(one) / Median(driver), 60, "%");
        Bars.AtLeast("of the driver alone, 4 clients", 100 * Median(several) / Median(driver), 60, "%");

        Singles(server, TimeSpan.FromSeconds(2)); // warm-up
        var (rate, p50, p99) = Singles(server, options.Seconds);
        Bars.AtLeast($"log-metric, {Clients} clients", rate, 5_000, "/s");
        Bars.AtMost($"log-metric, {Clients} clients, p99 (p50 {p50:N2} ms)", p99, 10, "ms");
        Bars.AtMost("resident memory after the load", server.ResidentMiB, 150, "MiB");
    }

    private static double Batches(GyreServer server, int clients, TimeSpan duration)
    {
        var before = server.ProcessorTime;
        var (count, seconds, _) = Load(server, clients, duration, MetricBodies.LogBatch, "log-batch", 400);
        var (rate, used) = (count * (double)MetricBodies.Points / seconds, server.ProcessorTime - before);
        Bars.Print($"  {clients} clients: {rate:N0} rows/s, {used.TotalMilliseconds / count:N2} ms CPU a batch");
        return rate;
    }

    private static (double Rate, double P50, double P99) Singles(GyreServer server, TimeSpan duration)
    {
        var before = server.ProcessorTime;
        var (count, seconds, latencies) = Load(server, Clients, duration, MetricBodies.LogMetric, "log-metric", 20_000);
        var used = server.ProcessorTime - before;
        Bars.Print($"  {count / seconds:N0}/s, {used.TotalMicroseconds / count:N0} µs CPU each");
        return (count / seconds, Bars.Percentile(latencies, 0.5), Bars.Percentile(latencies, 0.99));
    }

    /// <summary>
    /// Closed loop. The requests are made beforehand: the clients share the processors with the server.
    /// </summary>
    private static (int Count, double Seconds, double[] Latencies) Load(
        GyreServer server, int clients, TimeSpan duration, Func<string, int, string> body, string path, int most)
    {
        using var client = new TrackingClient(server.Address);
        var requests = Enumerable.Range(0, clients).Select(_ => client.CreateRun()).Select(run =>
            Enumerable.Range(0, most).Select(number =>
                HttpLoad.Post(server.Address, "/api/2.0/mlflow/runs/" + path, body(run, number))).ToArray()).ToArray();
        var latencies = Enumerable.Range(0, clients).Select(_ => new List<double>()).ToArray();
        var clock = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, clients).Select(index => new Thread(() =>
        {
            using var connection = new HttpLoad(server.Address);
            foreach (var request in requests[index])
            {
                if (clock.Elapsed >= duration) return;
                var start = Stopwatch.GetTimestamp();
                connection.Exchange(request);
                latencies[index].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var seconds = clock.Elapsed.TotalSeconds;
        return (latencies.Sum(list => list.Count), seconds, [.. latencies.SelectMany(list => list)]);
    }
}
