using System.Diagnostics;
using System.Globalization;
using Gyre.Models;
using Gyre.Tabular;

namespace Gyre.Bench.Serving;

/// <summary>The model without a server: one row a run, and several requests joined in one run of the graph.</summary>
internal static class EngineAlone
{
    private const int Repeats = 2000;

    public static int Run()
    {
        var model = BenchmarkModel.Train();
        using var scorer = ModelScorer.FromBytes(model.Onnx);
        Console.WriteLine($"graph {model.Onnx.Length >> 10} KiB, {scorer.Inputs.Count} inputs");
        var singles = Enumerable.Range(0, 256).Select(row => model.Rows.Take([row])).ToArray();
        Print("one by one", 1, Measure(() =>
        {
            foreach (var table in singles) scorer.Score(table);
        }) / singles.Length);
        foreach (var size in new[] { 1, 2, 4, 8, 16, 32, 64 })
        {
            var outputs = new float[size * scorer.OutputWidth];
            Print("joined", size, Measure(() =>
            {
                for (var at = 0; at < singles.Length; at += size) scorer.ScoreJoined(singles.AsSpan(at, size), outputs);
            }) / singles.Length);
        }

        return 0;
    }

    private static double Measure(Action pass)
    {
        pass();
        var best = double.MaxValue;
        for (var i = 0; i < Repeats / 100; i++)
        {
            var start = Stopwatch.GetTimestamp();
            pass();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return best;
    }

    private static void Print(string how, int size, double microseconds) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{how}, {size} rows a run: {microseconds:F2} µs a row"));
}
