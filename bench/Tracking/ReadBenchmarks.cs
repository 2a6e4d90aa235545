using System.Diagnostics;
using System.Text.Json;
using Gyre.Tracking;

namespace Gyre.Bench.Tracking;

/// <summary>
/// Reading from a large database: 20,000 runs of 10 parameters and 10 metrics, and millions of points.
/// </summary>
internal static class ReadBenchmarks
{
    private const int Repeats = 60;

    public static void Run(TrackingOptions options, IReadOnlySet<string> names)
    {
        using var folder = new BenchmarkFolder();
        var clock = Stopwatch.StartNew();
        var (address, bytes) = options.Store is { } store
            ? Postgres(store, options.Points)
            : Sqlite(Path.Combine(options.Folder ?? folder.Path, "large.db"), options.Points);
        Bars.Print($"{options.Points:N0} points, filled in {clock.Elapsed.TotalSeconds:N0} s, {bytes >> 20} MiB");
        using var server = GyreServer.Start(folder.Path, address);
        using var client = new TrackingClient(server.Address);
        if (names.Contains("search")) Search(client);
        if (names.Contains("history")) History(client);
        Bars.AtMost("resident memory after the load", server.ResidentMiB, 150, "MiB");
    }

    private static (string Address, long Bytes) Sqlite(string file, int points)
    {
        if (!File.Exists(file)) LargeStore.Fill(file, points);
        return (StoreAddress.OfFile(file).ToString(), new FileInfo(file).Length);
    }

    private static (string Address, long Bytes) Postgres(string address, int points)
    {
        if (!LargePostgresStore.IsFilled(address)) LargePostgresStore.Fill(address, points);
        return (address, LargePostgresStore.Size(address));
    }

    private static void Search(TrackingClient client)
    {
        object Query(string? token, string? filter, string? order) => new
        {
            experiment_ids = new[] { "0" }, max_results = 100, page_token = token ?? "", filter = filter ?? "",
            order_by = order is null ? Array.Empty<string>() : [order],
        };
        const string Path = "/api/2.0/mlflow/runs/search";
        Measure("search by metric filter, ordered by metric, p95", 36, 0.95,
            () => client.Read(Path, Query(null, "metrics.metric_3 > 0.5", "metrics.metric_3 DESC")));
        Measure("search ordered by metric, p95", 36, 0.95,
            () => client.Read(Path, Query(null, null, "metrics.metric_3 DESC")));
        Measure("search by metric and param, p95", 36, 0.95,
            () => client.Read(Path, Query(null, "metrics.metric_3 > 0.5 and params.param_2 = '7'", "metrics.metric_4")));
        Measure("search in default order, p95", 36, 0.95, () => client.Read(Path, Query(null, null, null)));
        string? token = null;
        for (var page = 0; page < 150; page++)
            token = client.Post(Path, Query(token, null, null)).GetProperty("next_page_token").GetString();
        Measure("page 151 of runs, p50", 8, 0.5, () => client.Read(Path, Query(token, null, null)));
    }

    private static void History(TrackingClient client)
    {
        var path = $"/api/2.0/mlflow/metrics/get-history?run_id={LargeStore.LongRun}&metric_key=long&max_results=50000";
        using (var answer = JsonDocument.Parse(client.Get(path)))
            Bars.Print($"  {answer.RootElement.GetProperty("metrics").GetArrayLength():N0} points");
        Measure("history of 50,000 points to the last byte, p50", 30, 0.5, () => client.Read(path));
    }

    private static void Measure<T>(string what, double bar, double share, Func<T> request)
    {
        for (var i = 0; i < Repeats / 3; i++) request(); // warm-up
        var samples = new double[Repeats];
        for (var i = 0; i < Repeats; i++)
        {
            var start = Stopwatch.GetTimestamp();
            request();
            samples[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        var fastest = samples.Min();
        Bars.AtMost($"{what} (fastest {fastest:N1})", Bars.Percentile(samples, share), bar, "ms");
    }
}
