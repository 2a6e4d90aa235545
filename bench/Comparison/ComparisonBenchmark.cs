using System.Globalization;

namespace Gyre.Bench.Comparison;

/// <summary>
/// Boosting against XGBoost and scikit-learn: `comparison [speed|accuracy|predict]… [set]… [--data DIR] [--threads N]
/// [--runs N] [--recorded]`. Without a part, all three; without sets, those of each part's bar. With `--recorded`, accuracy
/// takes the peers' recorded figures and needs no Python. Ends with 1 when a bar is missed.
/// </summary>
internal static class ComparisonBenchmark
{
    private static readonly string[] Parts = ["speed", "predict", "accuracy"];

    public static int Run(string[] args)
    {
        if (args is ["--side", ..]) return GyreSide.Run(args[1..]);
        var words = args.TakeWhile(a => !a.StartsWith("--", StringComparison.Ordinal)).ToArray();
        string Option(string name, string otherwise) =>
            Array.IndexOf(args, name) is var at and >= 0 ? args[at + 1] : otherwise;
        var folder = Option("--data", "../shared/data");
        var threads = int.Parse(Option("--threads", "2"), CultureInfo.InvariantCulture);
        var runs = int.Parse(Option("--runs", "3"), CultureInfo.InvariantCulture);
        var recorded = args.Contains("--recorded") ? new RecordedFigures() : null;
        var parts = Parts.Where(part => words.Contains(part) || !words.Any(Parts.Contains)).ToArray();
        var named = words.Except(Parts).ToArray();
        if (named.FirstOrDefault(n => !ComparisonSet.All.Any(s => s.Name == n)) is { } unknown)
        {
            Console.Error.WriteLine(
                $"'{unknown}' is neither a part ({string.Join(", ", Parts)}) nor a set "
                + $"({string.Join(", ", ComparisonSet.All.Select(s => s.Name))}).");
            return 2;
        }

        if (Side.WhyNoPython() is { } reason && !(recorded is not null && parts is ["accuracy"]))
        {
            Console.Error.WriteLine($"No comparison: {reason}");
            return 2;
        }

        var met = true;
        foreach (var part in parts)
        {
            string[] usual = part == "accuracy" ? [.. ComparisonSet.All.Select(s => s.Name)] : ComparisonSet.ForSpeed;
            var sets = Present(named.Length > 0 ? named : usual, folder);
            met &= part switch
            {
                "speed" => SpeedComparison.Run(sets, folder, threads, runs),
                "predict" => PredictComparison.Run(sets, folder, threads),
                _ => AccuracyComparison.Run(sets, folder, threads, recorded),
            };
        }

        return met ? 0 : 1;
    }

    private static ComparisonSet[] Present(IEnumerable<string> names, string folder)
    {
        var sets = names.Select(ComparisonSet.Named).ToLookup(set => File.Exists(Path.Combine(folder, set.File)));
        foreach (var absent in sets[false]) Console.WriteLine($"{absent.Name}: left out, {folder}/{absent.File} is absent");
        return [.. sets[true]];
    }
}
