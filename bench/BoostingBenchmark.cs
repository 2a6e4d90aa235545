using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Bench;

/// <summary>
/// Boosting against XGBoost's hist on the flights of 2001: 200 rounds of depth 6, eta 0.1, in turns in one run.
/// Options: the data file, the number of runs (default 3), the number of threads (default 2).
/// </summary>
internal static class BoostingBenchmark
{
    private const string DataFile = "../shared/data/flights_2001/flights_2001_jan_feb.csv.gz";

    private static readonly BoostingOptions Options = new()
    {
        Rounds = 200,
        LearningRate = 0.1,
        MaxDepth = 6,
        MaxLeaves = 64,
        EarlyStoppingRounds = 0,
    };

    public static int Run(string[] args)
    {
        var path = args.Length > 0 ? args[0] : DataFile;
        var runs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3;
        var threads = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 2;
        if (!File.Exists(path))
        {
            Console.Error.WriteLine($"The data file '{path}' is absent; name one as the first option.");
            return 2;
        }

        var (train, test) = Load(path);
        Console.WriteLine(
            $"{train.RowCount} training rows, {train.Features.Columns.Count} features, {threads} threads");
        using var peer = Peer.Start(path, runs, threads);
        List<Timing> own = [], other = [];
        for (var i = 0; i < runs; i++)
        {
            own.Add(Measure(train, test, threads));
            if (peer?.Measure() is { } timing) other.Add(timing);
        }

        Summarize("gyre", own);
        if (other.Count == 0)
        {
            Console.WriteLine("XGBoost: no figure, as python3 with xgboost, pandas and sklearn is absent.");
            return 0;
        }

        Summarize("XGBoost", other);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ratio gyre / XGBoost: median {Median(own, t => t.Seconds) / Median(other, t => t.Seconds):F2}, "
            + $"fastest {own.Min(t => t.Seconds) / other.Min(t => t.Seconds):F2}, "
            + $"cpu {Median(own, t => t.Cpu) / Median(other, t => t.Cpu):F2}"));
        return 0;
    }

    private static (TrainingSet Train, TrainingSet Test) Load(string path)
    {
        var set = TrainingSet.Create(FlightsCsv.Read(path), "late", TaskKind.Binary, FlightsCsv.Features, "true");
        var cut = (int)(set.RowCount * 0.8);
        var rows = Enumerable.Range(0, set.RowCount).ToArray();
        return (set.Take(rows.AsSpan(0, cut)), set.Take(rows.AsSpan(cut)));
    }

    private static Timing Measure(TrainingSet train, TrainingSet test, int threads)
    {
        var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var pipeline = new BoostingTrainer(Options).Train(train, null, new TrainingContext(1, threads));
        var seconds = watch.Elapsed.TotalSeconds;
        process.Refresh();
        var timing = new Timing(seconds, (process.TotalProcessorTime - cpu).TotalSeconds);
        var metrics = Metrics.Evaluate(test, pipeline.Predict(test.Features));
        Print("gyre", timing, metrics["roc_auc"], metrics["log_loss"]);
        return timing;
    }

    private static void Print(string name, Timing timing, double auc, double logLoss) =>
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-8}{timing.Seconds,7:F2} s  cpu {timing.Cpu,6:F2} s  AUC {auc:F4}  log loss {logLoss:F4}"));

    private static void Summarize(string name, List<Timing> timings) =>
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-8}median {Median(timings, t => t.Seconds):F2} s "
            + $"({timings.Min(t => t.Seconds):F2} to {timings.Max(t => t.Seconds):F2})"));

    private static double Median(List<Timing> timings, Func<Timing, double> part) =>
        Numerics.Quantiles.Median([.. timings.Select(part)]);

    private readonly record struct Timing(double Seconds, double Cpu);

    /// <summary>The Python process that trains XGBoost when told to.</summary>
    private sealed class Peer : IDisposable
    {
        private readonly Process _process;

        private Peer(Process process) => _process = process;

        /// <summary>Debian's own Python stands second, for machines on which another comes first.</summary>
        public static Peer? Start(string path, int runs, int threads) =>
            Start("python3", path, runs, threads) ?? Start("/usr/bin/python3", path, runs, threads);

        private static Peer? Start(string python, string path, int runs, int threads)
        {
            var script = Path.Combine("bench", "peers", "xgboost_flights.py");
            var start = new ProcessStartInfo(python, [script, path, $"{runs}", $"{threads}"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            try
            {
                var process = Process.Start(start);
                if (process?.StandardOutput.ReadLine() is not { } line) return null;
                Console.WriteLine($"XGBoost {JsonDocument.Parse(line).RootElement.GetProperty("version").GetString()}");
                return new Peer(process);
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return null;
            }
        }

        public Timing? Measure()
        {
            _process.StandardInput.WriteLine();
            _process.StandardInput.Flush();
            if (_process.StandardOutput.ReadLine() is not { } line) return null;
            var run = JsonDocument.Parse(line).RootElement;
            double Number(string name) => run.GetProperty(name).GetDouble();
            var timing = new Timing(Number("seconds"), Number("cpuSeconds"));
            Print("XGBoost", timing, Number("auc"), Number("logLoss"));
            return timing;
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
