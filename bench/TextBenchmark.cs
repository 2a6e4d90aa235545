using System.Diagnostics;
using Gyre.Data;
using Gyre.Models;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Bench;

/// <summary>
/// Text classifiers with default settings, from texts to ONNX graph; `bench/peers/text.py` runs scikit-learn on the
/// same rows: every fifth tests, banking77 by its own split.
/// </summary>
internal static class TextBenchmark
{
    private const string Folder = "../shared/data";

    private static readonly TextSet[] Sets =
    [
        new("sms_spam", "text", "spam", "row_number() OVER () % 5 = 1"),
        new("sentiment_sentences", "text", "1", "row_number() OVER () % 5 = 1"),
        new("spamassassin", "coalesce(subject, '') || chr(10) || coalesce(body, '')", "spam", "row_number() OVER () % 5 = 1"),
        new("banking77", "text", null, "split = 'test'"),
    ];

    public static int Run(string[] args)
    {
        var chosen = Sets.Where(s => args.Length == 0 || args.Contains(s.Name)).ToArray();
        if (chosen.Length == 0 || !Directory.Exists(Folder))
        {
            Console.Error.WriteLine($"usage: bench text [SET …], SET of {string.Join(", ", Sets.Select(s => s.Name))}; reads {Folder}");
            return 2;
        }

        Console.WriteLine("| set | model | train/test | terms | accuracy | macro F1 | F1 | AUC | train s | graph MB | row p50 ms | p99 ms | parity |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var set in chosen)
        {
            var (train, test) = set.Load(Folder);
            foreach (ITrainer trainer in new ITrainer[] { new LinearTrainer(), new NaiveBayesTrainer() })
                Console.WriteLine(Row(set, trainer, train, test));
        }

        return 0;
    }

    private static string Row(TextSet set, ITrainer trainer, TrainingSet train, TrainingSet test)
    {
        var watch = Stopwatch.StartNew();
        var pipeline = trainer.Train(train, null, new TrainingContext(Threads: 2));
        var seconds = watch.Elapsed.TotalSeconds;
        var predictions = pipeline.Predict(test.Features);
        var counts = new double[test.Classes.Length, test.Classes.Length]; // actual, predicted
        for (var row = 0; row < test.RowCount; row++) counts[(int)test.Target[row], predictions.ClassAt(row)]++;
        var f1 = Enumerable.Range(0, test.Classes.Length).Select(k => F1(counts, k)).ToArray();
        var accuracy = Enumerable.Range(0, f1.Length).Sum(k => counts[k, k]) / test.RowCount;
        var auc = f1.Length == 2 ? Metrics.Compute("roc_auc", test.Target, predictions) : double.NaN;
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], pipeline.Inputs));
        var rows = test.Features.Take([.. Enumerable.Range(0, Math.Min(500, test.RowCount))]);
        var parity = ParityCheck.Compare(pipeline.Predict(rows), scorer, rows);
        var latency = scorer.MeasureLatency(rows, 2000);
        return FormattableString.Invariant($"| {set.Name} | {trainer.Name} | {train.RowCount}/{test.RowCount} | {((LinearPreprocessing)pipeline.Preprocessing).Width} ")
            + FormattableString.Invariant($"| {accuracy:f4} | {f1.Average():f4} | {(f1.Length == 2 ? f1[1] : double.NaN):f4} | {auc:f4} | {seconds:f2} ")
            + FormattableString.Invariant($"| {scorer.SizeBytes / 1e6:f1} | {latency.P50.TotalMilliseconds:f3} | {latency.P99.TotalMilliseconds:f3} | {parity.MaxRelativeDifference:g2} |");
    }

    private static double F1(double[,] counts, int k)
    {
        double actual = 0, predicted = 0;
        for (var other = 0; other < counts.GetLength(0); other++)
        {
            actual += counts[k, other];
            predicted += counts[other, k];
        }

        return actual + predicted == 0 ? 0 : 2 * counts[k, k] / (actual + predicted);
    }

    /// <summary>A set whose table has columns `text`, `label` and `is_test`.</summary>
    private sealed record TextSet(string Name, string Text, string? Positive, string IsTest)
    {
        public (TrainingSet Train, TrainingSet Test) Load(string folder)
        {
            using var engine = new SqlEngine();
            var schema = new Schema(
            [
                new ColumnDefinition("text", ColumnType.Text), new ColumnDefinition("label", ColumnType.Categorical),
                new ColumnDefinition("is_test", ColumnType.Boolean),
            ]);
            var table = engine.Query(
                $"SELECT {Text} AS text, label, {IsTest} AS is_test FROM read_csv('{folder}/{Name}/{Name}.csv.gz', "
                + "all_varchar = true, parallel = false, header = true, quote = '\"', escape = '\"')", schema, CancellationToken.None);
            var task = Positive is null ? TaskKind.Multiclass : TaskKind.Binary;
            var set = TrainingSet.Create(table, "label", task, ["text"], Positive);
            var isTest = ((Column<bool>)table["is_test"]).Memory;
            int[] Rows(bool test) =>
                [.. Enumerable.Range(0, set.RowCount).Where(row => isTest.Span[row] == test)];
            return (set.Take(Rows(test: false)), set.Take(Rows(test: true)));
        }
    }
}
