using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Bench;

/// <summary>
/// The search against the best of the single trainers with default options, chosen with hindsight on the test rows, under
/// the protocol of the recorded baselines. Options: `--budget 5m`, `--threads 2`, `--data DIR`, `--defaults linear,boosting` (fewer
/// single trainers, where the others are known to be worse), `--verbose`, names of sets.
/// Every set runs in a process of its own, so that its peak of memory is its own; one that fails does not end the
/// others. Each prints a line `result {JSON}`; a table in Markdown and the count of sets that got better end the run.
/// </summary>
internal static class SearchBenchmark
{
    /// <summary>What a set may take beyond the budget, for the single trainers most of all.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    public static int Run(string[] args)
    {
        var options = Options.Parse(args);
        if (options is null)
        {
            Console.Error.WriteLine("usage: search [--budget 5m] [--threads 2] [--data DIR] [--defaults NAME,…] [--verbose] [SET…]");
            return 2;
        }

        if (options.Sets.Length == 1)
        {
            var row = Measure(options, options.Sets[0]);
            Console.WriteLine(row.ToLine());
            return 0;
        }

        var rows = new List<SearchRow>();
        var failed = new List<string>();
        foreach (var set in options.Sets.IsEmpty ? BaselineSet.All : options.Sets)
        {
            if (Child(options, set) is { } row) rows.Add(row);
            else failed.Add(set.Name);
        }

        Console.WriteLine();
        foreach (var line in SearchRow.Table(rows)) Console.WriteLine(line);
        if (failed.Count > 0) Console.WriteLine($"Failed: {string.Join(", ", failed)}.");
        return failed.Count == 0 ? 0 : 1;
    }

    /// <summary>Measures in another process, passing on what it says; null when it fails or hangs.</summary>
    private static SearchRow? Child(Options options, BaselineSet set)
    {
        SearchRow? row = null;
        var start = new ProcessStartInfo(
            "dotnet", [typeof(SearchBenchmark).Assembly.Location, "search", .. options.Text, set.Name])
        {
            RedirectStandardOutput = true,
        };
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is not { } text) return;
            Console.WriteLine(text);
            row = SearchRow.Parse(text) ?? row;
        };
        process.Start();
        process.BeginOutputReadLine();
        if (!process.WaitForExit(options.Budget + Patience))
        {
            process.Kill(entireProcessTree: true);
            Console.WriteLine($"{set.Name}: stopped, as it did not end");
            return null;
        }

        process.WaitForExit();
        if (process.ExitCode == 0) return row;
        Console.WriteLine($"{set.Name}: failed with exit code {process.ExitCode}");
        return null;
    }

    private static SearchRow Measure(Options options, BaselineSet set)
    {
        var (train, time, test) = set.Load(options.Data);
        var metric = Metrics.Default(set.Task);
        var context = new TrainingContext(Seed: 1, options.Threads);
        var (bestName, best) = BestDefault(options.Defaults, train, test, metric, context, options.Verbose);

        GC.Collect();
        var before = PeakMemory.Reset();
        var clock = Stopwatch.StartNew();
        var search = new ModelSearch(new SearchSettings { Budget = options.Budget });
        var result = search.Run(train, time, context, options.Verbose ? new Narrator() : null);
        var used = clock.Elapsed;
        var peak = PeakMemory.Read();

        var found = result.Model.Predict(test.Features);
        var comparison = Bootstrap.Paired(metric, test.Target, best, found, seed: 1);
        foreach (var remark in result.Remarks) Console.WriteLine($"    {set.Name}: {remark}");
        if (options.Verbose)
        {
            Print("single", Metrics.Evaluate(test, result.Single.Predict(test.Features)), TimeSpan.Zero);
            Print("search", Metrics.Evaluate(test, found), used);
            foreach (var member in result.Ensemble?.Members ?? [])
                Console.WriteLine(Invariant($"    {member.Weight:0.00} {Narrator.Describe(member.Trial)}"));
            Console.WriteLine($"    {result.Ending}");
        }

        return new SearchRow(
            set.Name, metric, bestName, comparison.Champion, comparison.Candidate, comparison.Improvement,
            comparison.Interval.Lower, comparison.Interval.Upper, Chosen(result), result.Trials.Length, used.TotalSeconds,
            options.Budget.TotalSeconds, peak / 1e6, (peak - before) / 1e6);
    }

    private static (string Name, Predictions Predictions) BestDefault(
        ImmutableArray<string> defaults, TrainingSet train, TrainingSet test, string metric, TrainingContext context, bool verbose)
    {
        (string Name, Predictions Predictions, double Value)? best = null;
        foreach (var name in defaults.Intersect(TrainerFactory.NamesFor(train.Task)))
        {
            var trainer = TrainerFactory.Create(name, ImmutableDictionary<string, string>.Empty, train.Task);
            if (!train.Features.Columns.All(c => trainer.FeatureTypes.Contains(c.Type))) continue;
            try
            {
                var clock = Stopwatch.StartNew();
                var predictions = trainer.Train(train, null, context).Predict(test.Features);
                var metrics = Metrics.Evaluate(test, predictions);
                if (verbose) Print(name, metrics, clock.Elapsed);
                var better = best is null || (Metrics.HigherIsBetter(metric)
                    ? metrics[metric] > best.Value.Value : metrics[metric] < best.Value.Value);
                if (better) best = (name, predictions, metrics[metric]);
            }
            catch (Primitives.GyreException error)
            {
                if (verbose) Console.WriteLine($"    {name}: {error.Message}");
            }
        }

        return best is { } found ? (found.Name, found.Predictions) : throw new InvalidOperationException("No trainer could learn.");
    }

    private static string Chosen(SearchResult result) => result.Ensemble is { } ensemble
        ? $"ensemble of {ensemble.Members.Length}" : result.Best.Spec.Trainer;

    private static void Print(string name, IReadOnlyDictionary<string, double> metrics, TimeSpan took) => Console.WriteLine(
        Invariant($"    {name,-14} {string.Join("  ", metrics.Select(m => Invariant($"{m.Key} {m.Value:G6}")))}  {took.TotalSeconds:0.0} s"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Tells of every trial.</summary>
    private sealed class Narrator : ISearchJournal
    {
        public IReadOnlyList<Trial> Earlier => [];

        public TimeSpan EarlierUsed => TimeSpan.Zero;

        public void Begin(int number, TrialSpec spec, IReadOnlyDictionary<string, string> parameters)
        {
        }

        public void End(Trial trial, SearchProgress progress) => Console.WriteLine(Invariant(
            $"    {progress.Used.TotalSeconds,6:0.0} s  {trial.Status,-8} {trial.Value:G6} ({string.Join(" ", trial.FoldValues.Take(3).Select(v => Invariant($"{v:G5}")))}) in {trial.Seconds:0.0} s  {Describe(trial)} {trial.Cause}"));

        public static string Describe(Trial trial) =>
            $"#{trial.Number} {trial.Spec.Trainer} {string.Join(' ', trial.Spec.Options.Select(o => $"{o.Key}={o.Value}"))}" +
            (trial.Spec.Share < 1 ? Invariant($" on {trial.Spec.Share:0.###} of rows") : "") +
            (trial.Rounds is { } rounds ? Invariant($" → {rounds} rounds") : "");
    }

    private sealed record Options(
        TimeSpan Budget, int Threads, string Data, bool Verbose, ImmutableArray<string> Defaults,
        ImmutableArray<BaselineSet> Sets, ImmutableArray<string> Text)
    {
        public static Options? Parse(string[] args)
        {
            var options = new Options(TimeSpan.FromMinutes(5), 2, "../shared/data", false, ["dummy", "linear", "boosting", "random_forest", "extra_trees"], [], []);
            for (var i = 0; i < args.Length; i++)
            {
                var value = i + 1 < args.Length ? args[i + 1] : "";
                var from = i;
                switch (args[i])
                {
                    case "--budget" when Seconds(value) is { } seconds:
                        options = options with { Budget = TimeSpan.FromSeconds(seconds) };
                        i++;
                        break;
                    case "--threads" when int.TryParse(value, CultureInfo.InvariantCulture, out var threads):
                        options = options with { Threads = threads };
                        i++;
                        break;
                    case "--data":
                        options = options with { Data = value };
                        i++;
                        break;
                    case "--defaults":
                        options = options with { Defaults = [.. value.Split(',')] };
                        i++;
                        break;
                    case "--verbose":
                        options = options with { Verbose = true };
                        break;
                    default:
                        if (BaselineSet.All.FirstOrDefault(s => s.Name == args[from]) is not { } set) return null;
                        options = options with { Sets = options.Sets.Add(set) };
                        continue;
                }

                options = options with { Text = [.. options.Text, .. args[from..(i + 1)]] };
            }

            return options;
        }

        private static double? Seconds(string text)
        {
            var scale = text.EndsWith('m') ? 60 : text.EndsWith('s') ? 1 : 0;
            return scale > 0 && double.TryParse(text[..^1], CultureInfo.InvariantCulture, out var count) ? count * scale : null;
        }
    }
}
