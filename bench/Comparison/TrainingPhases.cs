using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;

namespace Gyre.Bench.Comparison;

/// <summary>
/// Where a training's time goes, from the trainer's own meter, beside the time that reading the bins once a level takes at
/// the memory's speed.
/// </summary>
internal static class TrainingPhases
{
    private const int Rounds = 200;
    private const int Levels = 6;

    /// <summary>The seconds of each phase of the trainings inside <paramref name="training"/>.</summary>
    public static Dictionary<string, double> Collect(Action training)
    {
        var phases = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "Gyre.Training") self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is not { Key: "phase", Value: string phase }) continue;
                lock (phases) phases[phase] = phases.GetValueOrDefault(phase) + seconds;
            }
        });
        listener.Start();
        training();
        return phases;
    }

    public static void Print(JsonElement phases, JsonElement set, int threads)
    {
        var parts = phases.EnumerateObject().Select(p => string.Create(
            CultureInfo.InvariantCulture, $"{p.Name} {p.Value.GetDouble():F2}"));
        double Number(string name) => set.GetProperty(name).GetDouble();
        var bytes = Number("rows") * Number("features") * Number("outputs") * Rounds * Levels;
        var speed = MemorySpeed(threads);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  seconds: {string.Join(", ", parts)}; floor {bytes / speed:F2} "
            + $"(the bins once a level, {bytes / 1e9:F1} GB at {speed / 1e9:F1} GB/s)"));
    }

    /// <summary>Bytes a second that the threads read together from memory, the best of five passes.</summary>
    private static double MemorySpeed(int threads)
    {
        var block = new long[16 << 20]; // 128 MiB: beyond any cache here
        Array.Fill(block, 1);
        var best = 0.0;
        for (var pass = 0; pass < 5; pass++)
        {
            var start = Stopwatch.GetTimestamp();
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, part =>
            {
                var length = block.Length / threads;
                // A search for what is not there touches every byte and computes next to nothing.
                if (block.AsSpan(part * length, length).Contains(2)) throw new InvalidOperationException();
            });
            best = Math.Max(best, 8.0 * block.Length / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
