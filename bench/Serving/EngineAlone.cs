using System.Diagnostics;
using System.Globalization;
using Gyre.Models;
using Gyre.Serving;
using Gyre.Serving.Engine;
using Gyre.Serving.Http;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Bench.Serving;

/// <summary>
/// The parts of a prediction without a server: reading a request of one row, writing its answer; the model's runs of one
/// row, and of several requests joined in one run of the graph.
/// </summary>
internal static class EngineAlone
{
    private const int Passes = 100;

    public static int Run()
    {
        var model = BenchmarkModel.Train();
        using var scorer = ModelScorer.FromBytes(model.Onnx);
        Console.WriteLine($"graph {model.Onnx.Length >> 10} KiB, {scorer.Inputs.Count} inputs");
        ReadAndWrite(model);
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

    private static void ReadAndWrite(BenchmarkModel model)
    {
        const int Requests = 1000;
        var folder = Directory.CreateTempSubdirectory("gyre-bench-").FullName;
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), model.Onnx);
        var options = new ServingOptions();
        var scorer = OnnxScorer.Load(folder);
        using var served = new ServedModel(
            "adult", 1, new Shared<IScorer>(scorer), new Batcher(scorer, options, joins: false));
        var form = new InferenceForm(options.Limits);
        var body = System.Text.Encoding.UTF8.GetBytes(model.InferenceBody(model.WholeRow));
        var outputs = scorer.Score(form.Read(body, served).Inputs);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Report("read", Measure(() =>
        {
            for (var i = 0; i < Requests; i++) form.Read(body, served);
        }), ref allocated);
        var request = form.Read(body, served);
        var prediction = new Prediction(
            outputs, ["0123456789abcdef0123456789abcdef"], default, default, 0, 0, request.Inputs);
        Report("write", Measure(() =>
        {
            for (var i = 0; i < Requests; i++)
            {
                using var answer = JsonAnswer.Rent();
                form.Write(answer, request, served, prediction);
                answer.Json.Flush();
            }
        }), ref allocated);
        Directory.Delete(folder, recursive: true);

        static void Report(string what, double microseconds, ref long allocated)
        {
            var bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{what} a request: {microseconds / Requests:F2} µs, {bytes / ((Passes + 1) * Requests)} bytes allocated"));
            allocated = GC.GetAllocatedBytesForCurrentThread();
        }
    }

    private static double Measure(Action pass)
    {
        pass();
        var best = double.MaxValue;
        for (var i = 0; i < Passes; i++)
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
