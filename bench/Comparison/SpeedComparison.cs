using System.Globalization;
using System.Text.Json;

namespace Gyre.Bench.Comparison;

/// <summary>
/// Training time and memory at equal rounds, depth and threads, in turns: the ratio of medians. Memory is the peak of each
/// side's whole process, the data and its reading included, and what the first training added to what was resident.
/// </summary>
internal static class SpeedComparison
{
    public static bool Run(IReadOnlyList<ComparisonSet> sets, string folder, int threads, int runs)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\n## speed: 200 rounds, depth 6, eta 0.1, {threads} threads, {runs} runs in turn after a first; memory in MiB"));
        Console.WriteLine($"{"set",-20}{"gyre s",8}{"xgb s",8}{"ratio",7}{"first",7}{"cpu",7}"
            + $"{"peak",8}{"xgb",8}{"ratio",7}{"growth",8}{"xgb",8}");
        var met = true;
        foreach (var set in sets)
        {
            using var xgb = Side.Python(set, folder, "xgb", threads);
            using var gyre = Side.Gyre(set, folder, "equal", threads);
            var (own, other) = (new List<JsonElement>(), new List<JsonElement>());
            for (var i = 0; i <= runs; i++)
            {
                own.Add(gyre.Ask("train"));
                other.Add(xgb.Ask("train"));
            }

            met &= Print(set.Name, own, other);
            TrainingPhases.Print(gyre.Ask("phases"), gyre.Description, threads);
        }

        return met;
    }

    private static bool Print(string set, List<JsonElement> own, List<JsonElement> other)
    {
        var (a, b) = (Median(own, "seconds"), Median(other, "seconds"));
        var (peak, peer) = (Peak(own), Peak(other));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{set,-20}{a,8:F2}{b,8:F2}{a / b,7:F2}{Number(own[0], "seconds") / Number(other[0], "seconds"),7:F2}"
            + $"{Median(own, "cpuSeconds") / Median(other, "cpuSeconds"),7:F2}"
            + $"{peak,8:F0}{peer,8:F0}{peak / peer,7:F2}{Growth(own[0]),8:F0}{Growth(other[0]),8:F0}"));
        return a <= b && peak <= peer;
    }

    // Without the first run, in which one side compiles itself.
    private static double Median(List<JsonElement> runs, string part) =>
        Numerics.Quantiles.Median([.. runs.Skip(1).Select(run => Number(run, part))]);

    private static double Peak(List<JsonElement> runs) => runs.Max(run => Number(run, "wholePeak"));

    private static double Growth(JsonElement run) => Number(run, "memoryPeak") - Number(run, "memoryBefore");

    private static double Number(JsonElement run, string part) => run.GetProperty(part).GetDouble();
}
