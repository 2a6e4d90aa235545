using System.Collections.Immutable;
using System.Globalization;
using Gyre.Monitoring;

namespace Gyre.Loop.Watching;

/// <summary>What the watcher saw in one window.</summary>
/// <param name="Rows">Predictions of the champion in the window.</param>
/// <param name="Performance">Their realized metric; null when no actual value has arrived.</param>
/// <param name="WatchedColumns">Columns compared with the reference.</param>
/// <param name="Drifted">Those that have drifted, the farthest first.</param>
/// <param name="Rejections">Requests that were refused, by reason.</param>
internal sealed record WatchedWindow(
    int Rows, PerformanceReport? Performance, int WatchedColumns, ImmutableArray<ColumnDrift> Drifted, RejectionCounts Rejections)
{
    /// <summary>The predictions themselves against those of the training rows; never a trigger, but worth knowing.</summary>
    public ColumnDrift? Prediction { get; init; }

    /// <summary>Rules of the data contract that accepted inputs broke.</summary>
    public ImmutableArray<RuleViolations> Violations { get; init; } = [];

    /// <summary>One line for people.</summary>
    public string Summary => string.Create(CultureInfo.InvariantCulture,
        $"{Rows} predictions; {(Performance is { } p ? p.Describe() : "no actual values yet")}; " +
        $"{Drifted.Length} of {WatchedColumns} columns drifted; {Rejections.Total} requests refused; {BrokenRules}");

    private string BrokenRules => Violations.IsEmpty ? "all inputs keep the contract"
        : $"inputs break {string.Join(", ", Violations.Take(3).Select(Describe))}{(Violations.Length > 3 ? ", …" : "")}";

    /// <summary>The figures for the ledger.</summary>
    public object Evidence => new
    {
        rows = Rows,
        performance = Performance is { } p
            ? new
            {
                metric = p.Metric, rows = p.Rows, value = p.Value, low = p.Interval.Lower, high = p.Interval.Upper,
                atTraining = p.AtTraining, limit = p.Limit, worse = p.IsWorse,
            }
            : null,
        drift = Drifted.Select(c => new { column = c.Name, psi = c.PsiCorrected, wasserstein = c.WassersteinCorrected }),
        watchedColumns = WatchedColumns,
        prediction = Prediction is { } c ? new { psi = c.PsiCorrected, wasserstein = c.WassersteinCorrected } : null,
        rejections = Rejections.ByReason,
        violations = Violations,
    };

    private static string Describe(RuleViolations broken) => string.Create(CultureInfo.InvariantCulture,
        $"{broken.Column} {broken.Rule} in {broken.Rows} rows");
}

/// <summary>Words for a performance report.</summary>
internal static class PerformanceWords
{
    /// <summary>The realized metric with its interval against the limit, one line.</summary>
    public static string Describe(this PerformanceReport report) => string.Create(CultureInfo.InvariantCulture,
        $"{report.Metric} {report.Value:G4} [{report.Interval.Lower:G4}, {report.Interval.Upper:G4}] on {report.Rows} " +
        $"rows against {report.AtTraining:G4} at training");
}
