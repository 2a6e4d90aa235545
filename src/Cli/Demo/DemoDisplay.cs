using System.Globalization;
using Gyre.Cli.Output;
using Gyre.Data;
using Gyre.Loop;
using Gyre.Loop.Runs;
using Gyre.Loop.Watching;
using Spectre.Console;

namespace Gyre.Cli.Demo;

/// <summary>What the demo prints: a table that grows by a row a month, and every decision between.</summary>
internal sealed class DemoDisplay : IProgress<LoopEvent>
{
    private const int SummaryWidth = 34;
    private int _shown;
    private int _month;

    public void Report(LoopEvent value)
    {
        if (ProgressDisplay.LineOf(value) is { } line) Say("  " + line);
    }

    public void Say(string text) => Console.WriteLine(text);

    public void Inspected(SourceInspection inspection)
    {
        Say(Invariant($"Reading 2011: {inspection.Rows:N0} hours, {inspection.Schema.Count} columns. What `gyre init` warns of:"));
        foreach (var warning in inspection.Warnings) Say("  " + warning.Message);
    }

    public void First(RunOutcome outcome)
    {
        foreach (var gate in outcome.Gates) Colour(gate.Passed ? "green" : "red", $"  {gate.Name,-9} {gate.Evidence}");
        Say($"Version {outcome.Version} ({outcome.Chosen}) is champion.");
        Say("");
    }

    public void Begin(string text)
    {
        Say(text);
        Say("");
        Say($"{"2012",-12}{"hours",7}{"mean error",12}{"version",9}   what the loop did");
    }

    /// <summary>One line when a month is over; on a terminal the running month is shown too.</summary>
    public void Live(Replay replay, DemoLog log)
    {
        var at = replay.Hours[^1].At;
        if (_month == 0) _month = at.Month;
        if (at.Month != _month)
        {
            Month(replay, replay.Hours.Count - 1);
            _month = at.Month;
        }
        else if (!Console.IsOutputRedirected && replay.Hours.Count % 24 == 0)
        {
            Console.Write("\r" + Row($"{at:dd MMM}", replay, replay.Hours.Count));
        }
    }

    public void End(Replay replay, DemoLog log) => Month(replay, replay.Hours.Count);

    public void Retrained(DateTimeOffset at, TriggerDecision trigger, RunOutcome outcome)
    {
        var verdict = outcome.Promoted ? $"version {outcome.Version} promoted" : "refused, champion stays";
        Event(outcome.Promoted ? "green" : "yellow",
            Invariant($"{at:dd MMM}: {Why(trigger)} → {verdict}"));
    }

    private static string Why(TriggerDecision trigger) =>
        trigger.Trigger == RunTrigger.Schedule ? "scheduled" : trigger.Reason;

    public void Blocked(RunOutcome outcome) => Event(outcome.Promoted ? "red" : "yellow",
        $"a worse pipeline was submitted: {(outcome.Promoted ? "PROMOTED" : "blocked by " + string.Join(", ", outcome.Gates.Where(g => !g.Passed).Select(g => g.Name)))}");

    public void Summary(DemoReport report)
    {
        Say("");
        Say("Mean absolute error, rentals an hour");
        Line("the loop", Invariant($"{report.LoopMae:0.0}"));
        Line("the first model, never retrained", Invariant($"{report.NeverRetrainedMae:0.0}"));
        Line("the same hour a week before", Invariant($"{report.SeasonalNaiveMae:0.0}"));
        Say("");
        Line("predictions over HTTP", Invariant($"{report.Predictions:N0}"));
        Line("retrainings", Invariant($"{report.Retrainings.Length}, {report.Retrainings.Count(r => r.Promoted)} promoted"));
        foreach (var trigger in report.Retrainings.GroupBy(r => r.Trigger))
        {
            Line("  by " + trigger.Key, string.Join(", ", trigger.Select(r =>
                Invariant($"{r.At:d MMM}{(r.Promoted ? "*" : "")}"))) + "   (* promoted)");
        }

        Line("candidates blocked", Invariant($"{report.BlockedCandidates}"));
        Line("rollback drill", Invariant($"{(report.RollbackDrill.Ok ? "passed" : "FAILED")}, {report.RollbackDrill.Seconds:0.00} s"));
        Line("time, peak memory", Invariant($"{report.Seconds:0.0} s, {report.PeakMemoryMb:0} MB"));
        Say("");
        Colour(report.Succeeded ? "green" : "red",
            report.Succeeded ? "The loop beat both comparisons." : "The loop did NOT do what it is for.");
    }

    private void Month(Replay replay, int end)
    {
        if (!Console.IsOutputRedirected) Console.Write("\r");
        Say(Row($"{replay.Hours[end - 1].At:MMMM}", replay, end));
        _shown = end;
    }

    private string Row(string label, Replay replay, int end)
    {
        var errors = Enumerable.Range(_shown, end - _shown).Select(i => Math.Abs(replay.Predictions[i] - replay.Hours[i].Count));
        return Invariant($"{label,-12}{end - _shown,7}{errors.Average(),12:0.0}{replay.Version,9}");
    }

    private void Event(string colour, string text)
    {
        if (!Console.IsOutputRedirected) Console.Write("\r" + new string(' ', 60) + "\r");
        Colour(colour, new string(' ', 43) + text);
    }

    private static void Colour(string colour, string text)
    {
        if (Console.IsOutputRedirected) Console.WriteLine(text);
        else AnsiConsole.MarkupLine($"[{colour}]{Markup.Escape(text)}[/]");
    }

    private void Line(string name, string value) => Say($"  {name.PadRight(SummaryWidth)}{value}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
