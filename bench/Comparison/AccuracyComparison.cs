using System.Globalization;
using System.Text.Json;
using Gyre.Tabular;

namespace Gyre.Bench.Comparison;

/// <summary>
/// Boosting with default settings beside XGBoost and scikit-learn's histogram boosting: every quality column of the recorded
/// baselines. The bar: at least the better of the two less 0.5 % relative.
/// </summary>
internal static class AccuracyComparison
{
    private const double Slack = 0.005;

    public static bool Run(IReadOnlyList<ComparisonSet> sets, string folder, int threads, RecordedFigures? recorded)
    {
        var source = recorded is null ? "measured now" : "as recorded";
        Console.WriteLine($"\n## accuracy: boosting, default settings, against XGBoost and HGB ({source})");
        Console.WriteLine($"{"set",-20}{"metric",-10}{"gyre",14}{"xgb",14}{"hgb",14}{"bar",14}   met  gyre s");
        var (met, all) = (0, 0);
        foreach (var set in sets)
        {
            using var gyre = Side.Gyre(set, folder, "default", threads);
            var seconds = gyre.Ask("train").GetProperty("seconds").GetDouble();
            var own = gyre.Ask("quality");
            var xgb = recorded?.Of(set.Name, "xgb") ?? Peer(set, folder, "xgb", threads);
            var hgb = recorded?.Of(set.Name, "hgb") ?? Peer(set, folder, "hgb", threads);
            foreach (var metric in MetricsOf(set.Task))
            {
                var isMet = Print(
                    set.Name, metric, own.GetProperty(metric).GetDouble(), xgb[metric], hgb[metric], seconds,
                    digits: recorded is null ? 9 : 4);
                (met, all) = (met + (isMet ? 1 : 0), all + 1);
            }
        }

        Console.WriteLine($"{met} of {all} columns meet the bar");
        return met == all;
    }

    // Compared to as many digits as the peers' figures have: recorded ones have four.
    private static bool Print(
        string set, string metric, double own, double xgb, double hgb, double seconds, int digits)
    {
        var higher = Training.Metrics.HigherIsBetter(metric);
        var bar = higher ? Math.Max(xgb, hgb) * (1 - Slack) : Math.Min(xgb, hgb) * (1 + Slack);
        var (a, b) = (Math.Round(own, digits), Math.Round(bar, digits));
        var isMet = higher ? a >= b : a <= b;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{set,-20}{metric,-10}{own,14:F6}{xgb,14:F6}{hgb,14:F6}{bar,14:F6}   {(isMet ? "yes" : "NO"),-4}{seconds,7:F2}"));
        return isMet;
    }

    private static Dictionary<string, double> Peer(ComparisonSet set, string folder, string model, int threads)
    {
        using var side = Side.Python(set, folder, model, threads);
        side.Ask("train");
        return side.Ask("quality").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
    }

    private static string[] MetricsOf(TaskKind task) => task switch
    {
        TaskKind.Regression => ["rmse", "mae", "r2"],
        TaskKind.Binary => ["roc_auc", "log_loss", "accuracy"],
        _ => ["accuracy", "log_loss", "f1"],
    };
}
