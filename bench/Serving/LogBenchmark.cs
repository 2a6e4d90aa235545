using System.Diagnostics;
using System.Globalization;
using Gyre.Bench.Serving;
using Gyre.Bench.Tracking;
using Gyre.Primitives;
using Gyre.Serving;
using Gyre.Serving.Recording;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Bench;

/// <summary>
/// What a prediction's record costs: the processor's time in this process (and in the database server's), from making
/// the id to the commit, for requests of one row with 14 columns, beside the time to append the same bytes to a file.
/// Options: <c>--records N</c> (default 300,000), <c>--store postgresql://…</c> (default a SQLite file in a temporary
/// folder), <c>--server PID</c> of a PostgreSQL server on this machine, whose processes then count.
/// </summary>
internal static class LogBenchmark
{
    private const int Turns = 3;

    public static int Run(string[] args)
    {
        var records = int.Parse(Option(args, "--records") ?? "300000", CultureInfo.InvariantCulture);
        var server = Option(args, "--server") is { } pid ? int.Parse(pid, CultureInfo.InvariantCulture) : (int?)null;
        try
        {
            using var folder = new BenchmarkFolder();
            var address = Option(args, "--store") is { } store
                ? StoreAddress.Parse(store)
                : StoreAddress.OfFile(Path.Combine(folder.Path, "gyre.db"));
            Parts(records);
            MeasureAsync(address, records, server).GetAwaiter().GetResult();
            Floor(Path.Combine(folder.Path, "floor"), records);
            return 0;
        }
        catch (GyreException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 2;
        }
    }

    private static async Task MeasureAsync(StoreAddress address, int records, int? server)
    {
        using var database = TrackingDatabase.Open(address);
        await using var services = new ServiceCollection().AddMetrics().AddLogging().AddSingleton(TimeProvider.System)
            .AddSingleton(database).AddServing(new ServingOptions()).BuildServiceProvider();
        var log = services.GetRequiredService<PredictionLog>();
        await log.StartAsync(CancellationToken.None);
        await RecordAsync(log, records / 10); // warm-up
        for (var turn = 0; turn < Turns; turn++)
        {
            GC.Collect();
            var (time, there) = (Environment.CpuUsage.TotalTime, ServerTime(server));
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var clock = Stopwatch.StartNew();
            await RecordAsync(log, records);
            var spent = (Environment.CpuUsage.TotalTime - time).TotalMicroseconds / records;
            var spentThere = (ServerTime(server) - there).TotalMicroseconds / records;
            var bytes = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)records;
            Bars.Print($"a record: {spent:F2} µs here, {spentThere:F2} µs in the server; {bytes:F0} bytes allocated; {records / clock.Elapsed.TotalSeconds:N0} records/s");
        }

        await log.StopAsync(CancellationToken.None);
    }

    private static async Task RecordAsync(PredictionLog log, int records)
    {
        var rows = AdultRows.Create();
        var ids = new IdGenerator(TimeProvider.System);
        for (var i = 0; i < records; i++)
        {
            var (row, answer) = rows[i % rows.Length];
            var batch = new PredictionBatch(
                "adult", 1, TimeProvider.System.GetUtcNow(), [ids.Next()], row, answer, TimeSpan.FromMicroseconds(250));
            await log.RecordAsync(batch, CancellationToken.None);
        }

        await log.FlushAsync(CancellationToken.None);
    }

    /// <summary>What needs no database: ids and JSON.</summary>
    private static void Parts(int records)
    {
        var rows = AdultRows.Create();
        var ids = new IdGenerator(TimeProvider.System);
        using var blocks = new BlockCollector();
        for (var turn = 0; turn < Turns; turn++)
        {
            var time = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < records; i++) ids.Next();
            var made = Environment.CpuUsage.TotalTime;
            string[] id = [ids.Next()];
            for (var i = 0; i < records; i++)
            {
                var (row, answer) = rows[i % rows.Length];
                blocks.Add(new PredictionBatch("adult", 1, DateTimeOffset.UnixEpoch, id, row, answer, TimeSpan.Zero), 0);
                if (blocks.Rows == 512) blocks.Clear();
            }

            var written = Environment.CpuUsage.TotalTime;
            blocks.Clear();
            Bars.Print($"an id: {(made - time).TotalMicroseconds / records:F2} µs; a record's JSON: {(written - made).TotalMicroseconds / records:F2} µs");
        }
    }

    /// <summary>Bytes as long as the records, made before, in pieces of 64 KiB.</summary>
    private static void Floor(string path, int records)
    {
        const int BytesPerRecord = 470;
        var piece = new byte[64 << 10];
        var time = Environment.CpuUsage.TotalTime;
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0))
        {
            for (var left = (long)records * BytesPerRecord; left > 0; left -= piece.Length) file.Write(piece);
        }

        var spent = (Environment.CpuUsage.TotalTime - time).TotalMicroseconds / records;
        Bars.Print($"the same bytes appended to a file: {spent:F2} µs a record");
    }

    // The server's own time, what its ended children used, and its living children's.
    private static TimeSpan ServerTime(int? server)
    {
        if (server is not { } pid) return TimeSpan.Zero;
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(name => char.IsDigit(name[6])))
        {
            try
            {
                var text = File.ReadAllText(Path.Combine(folder, "stat"));
                var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                var isServer = Path.GetFileName(folder) == pid.ToString(CultureInfo.InvariantCulture);
                if (!isServer && fields[1] != pid.ToString(CultureInfo.InvariantCulture)) continue;
                ticks += fields[11..(isServer ? 15 : 13)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It ended meanwhile; its parent has its time.
            }
        }

        return TimeSpan.FromMilliseconds(ticks * 10.0);
    }

    private static string? Option(string[] args, string name) =>
        Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
