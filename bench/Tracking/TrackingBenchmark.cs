using System.Globalization;

namespace Gyre.Bench.Tracking;

/// <summary>What a run of the benchmark is told.</summary>
/// <param name="Store">
/// A PostgreSQL database: the large one, filled where it is empty and kept. Others are made beside it and dropped.
/// Files of the benchmark's own when null.
/// </param>
/// <param name="Seconds">How long each load lasts.</param>
/// <param name="Minutes">How long the soak lasts.</param>
/// <param name="Folder">Where the large database is kept for the next time; nowhere when null.</param>
/// <param name="Points">How many metric points the large database holds.</param>
internal sealed record TrackingOptions(string? Store, TimeSpan Seconds, double Minutes, string? Folder, int Points);

/// <summary>
/// The MLflow server over loopback, as a process of its own, against its bars:
/// <c>tracking [start|writes|search|history|soak]…
/// [--store ADDRESS] [--seconds N] [--minutes N] [--folder DIR] [--points N]</c>.
/// Without a name: start, writes, search and history.
/// </summary>
internal static class TrackingBenchmark
{
    private const int Starts = 5;

    public static int Run(string[] args)
    {
        var options = new TrackingOptions(
            Option(args, "--store"),
            TimeSpan.FromSeconds(Number(args, "--seconds", 5)), Number(args, "--minutes", 10),
            Option(args, "--folder"), (int)Number(args, "--points", 8_000_000));
        var names = args.Where((arg, index) => !arg.StartsWith('-') && (index == 0 || !args[index - 1].StartsWith('-')))
            .ToHashSet(StringComparer.Ordinal);
        if (names.Count == 0) names = ["start", "writes", "search", "history"];
        if (names.Contains("start")) Start(options);
        if (names.Contains("writes")) WriteBenchmark.Run(options);
        if (names.Overlaps(["search", "history"])) ReadBenchmarks.Run(options, names);
        if (names.Contains("soak")) SoakBenchmark.Run(options);
        return 0;
    }

    private static void Start(TrackingOptions options)
    {
        var times = new double[Starts];
        for (var i = 0; i < Starts; i++)
        {
            using var folder = new BenchmarkFolder();
            using var store = BenchmarkStore.Create(options, folder.Path, "start");
            using var server = GyreServer.Start(folder.Path, store.Address);
            times[i] = server.StartToHealth.TotalMilliseconds;
            Bars.Print($"  start to /health {times[i]:N0} ms, {server.ProcessorTime.TotalMilliseconds:N0} ms CPU");
        }

        Bars.AtMost($"cold start to /health, median of {Starts}", Bars.Percentile(times, 0.5), 600, "ms");
    }

    private static string? Option(string[] args, string name) =>
        Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

    private static double Number(string[] args, string name, double fallback) =>
        Option(args, name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : fallback;
}
