using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gyre.Models;
using Gyre.Training;

namespace Gyre.Bench.Comparison;

/// <summary>The process that measures Gyre on one set; see <see cref="Side"/> for the commands' counterpart.</summary>
internal sealed class GyreSide
{
    /// <summary>The peers' protocol: rounds, depth and step are theirs.</summary>
    private static readonly BoostingOptions EqualWork = new()
    {
        Rounds = 200,
        LearningRate = 0.1,
        MaxDepth = 6,
        MaxLeaves = 64,
        Growth = TreeGrowth.Depth,
        MinChildWeight = 1,
        MinLeafRows = 1,
        NodeFeatureShare = 1,
        L2 = 1,
        EarlyStoppingRounds = 0,
    };

    private const int Passes = 7;

    private readonly TrainingSet _train;
    private readonly TrainingSet _test;
    private readonly BoostingTrainer _trainer;
    private readonly int _threads;
    private FittedPipeline? _pipeline;

    private GyreSide(ComparisonSet set, string folder, string options, int threads)
    {
        (_train, _test) = set.Load(folder);
        _trainer = new BoostingTrainer(options == "default" ? new BoostingOptions() : EqualWork);
        _threads = threads;
    }

    /// <summary>Answers commands from standard input until it ends.</summary>
    public static int Run(string[] args)
    {
        var threads = int.Parse(args[3], CultureInfo.InvariantCulture);
        var side = new GyreSide(ComparisonSet.Named(args[0]), args[1], args[2], threads);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        Write(new
        {
            rows = side._train.RowCount,
            testRows = side._test.RowCount,
            features = side._train.Features.Columns.Count,
            outputs = side._train.Task == Tabular.TaskKind.Multiclass ? side._train.Classes.Length : 1,
        });
        while (Console.ReadLine() is { } command)
        {
            Write(command switch
            {
                "train" => side.Train(),
                "quality" => Metrics.Evaluate(side._test, side._pipeline!.Predict(side._test.Features)), // after train
                "predict" => side.Predict(),
                "phases" => TrainingPhases.Collect(() => side.Train()),
                _ => throw new ArgumentException($"'{command}' is no command."),
            });
        }

        return 0;
    }

    private object Train()
    {
        _pipeline = null;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        var (before, whole) = (ProcessMemory.Resident, ProcessMemory.Peak);
        ProcessMemory.ResetPeak();
        var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        _pipeline = _trainer.Train(_train, null, new TrainingContext(1, _threads));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        return new
        {
            seconds,
            cpuSeconds = (process.TotalProcessorTime - cpu).TotalSeconds,
            memoryBefore = before,
            memoryPeak = ProcessMemory.Peak,
            wholePeak = Math.Max(whole, ProcessMemory.Peak),
        };
    }

    private object Predict()
    {
        var pipeline = _pipeline!; // after train
        var rows = _test.Features;
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], rows.Schema));
        var (seconds, cpu) = Fastest(() => pipeline.Predict(rows, _threads));
        var (onnxSeconds, onnxCpu) = Fastest(() => scorer.Score(rows, _threads));
        var few = rows.Take([.. Enumerable.Range(0, 200)]);
        return new
        {
            seconds,
            cpuSeconds = cpu,
            onnxSeconds,
            onnxCpuSeconds = onnxCpu,
            rowMicroseconds = scorer.MeasureLatency(few).P50.TotalMicroseconds,
        };
    }

    // After a second of passes, in which the program compiles itself: the fastest pass, and the mean CPU time of all.
    private static (double Seconds, double Cpu) Fastest(Action action)
    {
        var warm = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warm).TotalSeconds < 1) action();
        var fastest = double.PositiveInfinity;
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        for (var i = 0; i < Passes; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        process.Refresh();
        return (fastest, (process.TotalProcessorTime - cpu).TotalSeconds / Passes);
    }

    private static void Write(object answer) => Console.WriteLine(JsonSerializer.Serialize(answer));
}
