using System.Diagnostics;
using System.Globalization;
using Gyre.Bench.Serving;
using Gyre.Primitives;

namespace Gyre.Bench.Tracking;

/// <summary>
/// Many writers for a long time, each with a run of its own and batches of 50 points; afterwards every point is
/// counted.
/// </summary>
internal static class SoakBenchmark
{
    private const int Writers = 32;
    private const int BatchPoints = 50;

    public static void Run(TrackingOptions options)
    {
        using var folder = new BenchmarkFolder();
        using var store = BenchmarkStore.Create(options, folder.Path, "soak");
        using var server = GyreServer.Start(folder.Path, store.Address);
        using var client = new TrackingClient(server.Address);
        var runs = Enumerable.Range(0, Writers).Select(_ => client.CreateRun()).ToArray();
        var batches = new int[Writers];
        var errors = new List<string>();
        var duration = TimeSpan.FromMinutes(options.Minutes);
        var clock = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, Writers).Select(writer => new Thread(() =>
        {
            using var connection = new HttpLoad(server.Address);
            while (clock.Elapsed < duration)
            {
                try
                {
                    connection.Exchange(HttpLoad.Post(
                        server.Address, "/api/2.0/mlflow/runs/log-batch", Body(runs[writer], batches[writer])));
                    batches[writer]++;
                }
                catch (GyreException error)
                {
                    lock (errors) errors.Add(error.Message);
                    return;
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        while (threads.Exists(thread => thread.IsAlive))
        {
            Thread.Sleep(TimeSpan.FromSeconds(Math.Clamp(options.Minutes * 6, 1, 60)));
            var points = batches.Sum() * (double)BatchPoints;
            Bars.Print($"  {clock.Elapsed:mm\\:ss} {points:N0} points, resident {server.ResidentMiB:N0} MiB");
        }

        var rate = batches.Sum() * (double)BatchPoints / clock.Elapsed.TotalSeconds;
        Bars.Print($"{Writers} writers, {duration.TotalMinutes:N1} minutes: {rate:N0} points/s");
        Bars.AtMost("errors", errors.Count, 0, "");
        foreach (var error in errors.Take(3)) Bars.Print($"  {error}");
        Bars.AtMost("lost points", Lost(client, runs, batches), 0, "points");
        Bars.AtMost("resident memory", server.ResidentMiB, 150, "MiB");
    }

    private static long Lost(TrackingClient client, string[] runs, int[] batches)
    {
        var lost = 0L;
        for (var writer = 0; writer < Writers; writer++)
        {
            var path = $"/api/2.0/mlflow/metrics/get-history?run_id={runs[writer]}&metric_key=m";
            var stored = client.CountPoints(path);
            lost += Math.Abs(((long)batches[writer] * BatchPoints) - stored);
        }

        return lost;
    }

    private static string Body(string run, int batch)
    {
        var points = Enumerable.Range(batch * BatchPoints, BatchPoints).Select(step => string.Create(
            CultureInfo.InvariantCulture, $$"""{"key":"m","value":{{step}},"timestamp":{{step}},"step":{{step}}}"""));
        return $$"""{"run_id":"{{run}}","metrics":[{{string.Join(',', points)}}]}""";
    }
}
