using System.Diagnostics;
using System.Globalization;
using Gyre.Bench.Comparison;
using Gyre.Data;
using Gyre.Loop;
using Gyre.Loop.BatchScoring;
using Gyre.Loop.Pipeline;
using Gyre.Models;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;
using Gyre.Training.Boosting;

namespace Gyre.Bench.Scoring;

/// <summary>
/// Scoring the flights of three months end to end (`gyre predict FILE -o OUT.parquet`) beside its limits: reading the same
/// columns and dropping them, and scoring the rows in memory. CSV and Parquet; all alternate in one run; medians.
/// </summary>
internal static class BatchBenchmark
{
    private const string DataFolder = "../shared/data";
    private const string Flights = "flights_2001";
    private const int TrainingRows = 100_000;

    /// <summary>`batchscore [ROUNDS]`.</summary>
    public static int Run(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
        var source = Path.Combine(DataFolder, Flights, "flights_2001_q1.parquet");
        if (!File.Exists(source))
        {
            Console.Error.WriteLine($"{source}: no such file");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("gyre-batchscore-").FullName;
        try
        {
            var (parquet, csv) = (Path.Combine(folder, "flights.parquet"), Path.Combine(folder, "flights.csv"));
            WriteFeatures(source, parquet, csv);
            using var workspace = Workspace.Open(folder, new ServingSettings(), TimeProvider.System);
            var onnx = Register(workspace, folder);
            using var scorer = ModelScorer.FromBytes(onnx);
            foreach (var file in new[] { parquet, csv }) Measure(workspace, scorer, file, rounds);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(Workspace workspace, ModelScorer scorer, string file, int rounds)
    {
        var table = SourceReader.ReadAs(new SourceDefinition([file]), scorer.Inputs, CancellationToken.None);
        var request = new BatchRequest(Flights, [file], file + ".scored.parquet");
        List<double> read = [], scored = [], whole = [], busy = [];
        for (var round = -1; round < rounds; round++)
        {
            var (reading, _) = Seconds(() => Drain(file, scorer.Inputs));
            var (scoring, _) = Seconds(() => scorer.Score(table, Environment.ProcessorCount));
            var (all, cores) = Seconds(() =>
                new BatchScorer(workspace).RunAsync(request, progress: null, CancellationToken.None).GetAwaiter().GetResult());
            if (round < 0) continue; // warming up
            read.Add(reading);
            scored.Add(scoring);
            whole.Add(all);
            busy.Add(cores);
        }

        Console.WriteLine(Invariant($"{Path.GetExtension(file)[1..]}: {table.RowCount:N0} rows, {rounds} rounds"));
        Console.WriteLine(Invariant($"  reading alone {table.RowCount / Median(read),12:N0} rows/s"));
        Console.WriteLine(Invariant($"  scoring alone {table.RowCount / Median(scored),12:N0} rows/s"));
        var share = Median(whole) / (Median(read) + Median(scored));
        Console.WriteLine(Invariant($"  end to end    {table.RowCount / Median(whole),12:N0} rows/s"));
        Console.WriteLine(Invariant($"  {Median(busy):0.0} of {Environment.ProcessorCount} cores busy; {share:0.00} of reading and then scoring"));
    }

    private static void Drain(string file, Schema inputs)
    {
        using var rows = RowStream.Open(new SourceDefinition([file]), new RowStreamOptions(inputs), CancellationToken.None);
        while (rows.Read(CancellationToken.None) is not null)
        {
            // dropped
        }
    }

    private static void WriteFeatures(string source, string parquet, string csv)
    {
        using var engine = new SqlEngine();
        var select = $"SELECT {ComparisonSet.Named(Flights).Select} FROM read_parquet('{source}')";
        engine.Execute($"COPY ({select}) TO '{parquet}' (FORMAT parquet); COPY ({select}) TO '{csv}' (FORMAT csv, HEADER)");
    }

    private static byte[] Register(Workspace workspace, string folder)
    {
        var (train, _) = ComparisonSet.Named(Flights).Load(DataFolder);
        train = train.Take([.. Enumerable.Range(0, TrainingRows).Select(i => (int)((long)i * train.RowCount / TrainingRows))]);
        var trainer = new BoostingTrainer(new BoostingOptions { Rounds = 100, LearningRate = 0.1, EarlyStoppingRounds = 0 });
        var onnx = OnnxExporter.Export(trainer.Train(train, null, new TrainingContext(1)), [], train.Features.Schema);
        var package = Path.Combine(Workspace.ArtifactsFolder(folder), Flights);
        Directory.CreateDirectory(package);
        File.WriteAllBytes(Path.Combine(package, ModelPackage.ModelFile), onnx);
        var version = workspace.Registry.CreateVersionAsync(Flights, package, runId: null).GetAwaiter().GetResult();
        workspace.Registry.SetAliasAsync(Flights, ModelAliases.Champion, version.Version).GetAwaiter().GetResult();
        return onnx;
    }

    private static (double Seconds, double Cores) Seconds(Action work)
    {
        using var process = Process.GetCurrentProcess();
        var (clock, before) = (Stopwatch.StartNew(), process.TotalProcessorTime);
        work();
        var seconds = clock.Elapsed.TotalSeconds;
        process.Refresh();
        return (seconds, (process.TotalProcessorTime - before).TotalSeconds / seconds);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
