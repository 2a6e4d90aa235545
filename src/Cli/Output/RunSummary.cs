using System.Globalization;
using Gyre.Loop.Runs;
using Spectre.Console;

namespace Gyre.Cli.Output;

/// <summary>The end of a pipeline run, for people.</summary>
internal static class RunSummary
{
    public static void Print(RunOutcome outcome)
    {
        var metrics = outcome.Candidates.SelectMany(c => c.Metrics.Keys).Distinct(StringComparer.Ordinal).ToArray();
        Console.WriteLine();
        Console.WriteLine($"{"candidate",-12}{string.Concat(metrics.Select(m => $"{m,12}"))}{"fit s",9}");
        foreach (var candidate in outcome.Candidates)
        {
            var values = metrics.Select(m => candidate.Metrics.TryGetValue(m, out var v) ? Format(v) : "");
            var mark = candidate.Trainer == outcome.Chosen ? "*" : " ";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{mark}{candidate.Trainer,-11}{string.Concat(values.Select(v => $"{v,12}"))}{candidate.FitSeconds,9:0.00}"));
        }

        Console.WriteLine();
        foreach (var gate in outcome.Gates)
            Mark(gate.Passed, $"{gate.Name,-9} {gate.Evidence}");
        Console.WriteLine();
        Console.WriteLine(Verdict(outcome));
    }

    private static string Verdict(RunOutcome outcome) => outcome switch
    {
        { Version: null } => $"{outcome.Model}: the candidate was refused and not registered",
        { Promoted: true } => $"{outcome.Model} version {outcome.Version} is champion",
        { TriedOut: { } policy } => $"{outcome.Model} version {outcome.Version} is tried out as {policy}: "
            + $"`gyre traffic show {outcome.Model}`",
        _ => $"{outcome.Model} version {outcome.Version} is challenger, not champion",
    };

    private static void Mark(bool passed, string text)
    {
        if (Console.IsOutputRedirected) Console.WriteLine($"{(passed ? "pass" : "FAIL")}  {text}");
        else AnsiConsole.MarkupLineInterpolated($"[{(passed ? "green" : "red")}]{(passed ? "pass" : "FAIL")}[/]  {text}");
    }

    private static string Format(double value) => Math.Abs(value) >= 1000
        ? value.ToString("0", CultureInfo.InvariantCulture)
        : value.ToString("0.####", CultureInfo.InvariantCulture);
}
