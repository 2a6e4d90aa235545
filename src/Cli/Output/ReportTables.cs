using System.Globalization;
using Gyre.Loop.Reports;
using Gyre.Training;

namespace Gyre.Cli.Output;

/// <summary>Evaluations, comparisons and explanations as plain tables.</summary>
internal static class ReportTables
{
    public static void Print(ModelEvaluation evaluation)
    {
        foreach (var metric in evaluation.Metrics.OrderBy(m => m.Metric == evaluation.Metric ? 0 : 1))
            Line($"{metric.Metric,-28}{Number(metric.Value),12}   {Number(metric.Interval.Lower)} to {Number(metric.Interval.Upper)}");
        foreach (var slice in evaluation.Slices.Where(s => s.IsWorse).Take(5))
            Line($"worse where {slice.Column} = {slice.Slice}: {Number(slice.Value)} on {slice.Rows:N0} rows");
    }

    public static void Print(VersionComparison comparison, string first, string second)
    {
        Line($"{"metric",-28}{first,16}{second,16}   {second} is better by, 95 % interval");
        foreach (var metric in comparison.Metrics)
            Line($"{metric.Metric,-28}{Number(metric.Champion),16}{Number(metric.Candidate),16}   {Number(metric.Improvement + 0.0)}, {Number(metric.Interval.Lower)} to {Number(metric.Interval.Upper)}");
        if (comparison.Decisions is { } test)
            Line($"McNemar: only {first} is right in {test.OnlyFirst:N0} rows, only {second} in {test.OnlySecond:N0}; p = {test.ExactProbability:g3} (exact), {test.ChiSquaredProbability:g3} (χ²)");
        Line($"{comparison.Rows:N0} rows");
    }

    public static void Print(VersionExplanation explanation)
    {
        Line($"{explanation.Model} version {explanation.Version}: {explanation.Explained} is {Number(explanation.Prediction)}; on average it is {Number(explanation.BaseValue)}.");
        var width = Math.Max(8, explanation.Contributions.Max(c => c.Column.Length)) + 2;
        foreach (var part in explanation.Contributions)
        {
            var sign = part.Contribution < 0 ? "−" : "+";
            Line($"{part.Column.PadRight(width)}{part.Value ?? "(missing)",-24}{sign}{Number(Math.Abs(part.Contribution)),-10} ± {Number(part.StandardError)}");
        }
    }

    private static string Number(double value) => Math.Abs(value) >= 1000
        ? value.ToString("#,0", CultureInfo.InvariantCulture)
        : value.ToString("0.####", CultureInfo.InvariantCulture);

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
