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

    /// <summary>One row's explanation, its largest contributions first.</summary>
    /// <param name="explanation">The explanation.</param>
    /// <param name="most">How many contributions are shown; the others are summed up.</param>
    public static void Print(VersionExplanation explanation, int most = int.MaxValue)
    {
        var answer = explanation.Answer.Length > 0 ? $" row {explanation.Row} predicts {explanation.Answer}," : "";
        Line($"{explanation.Model} version {explanation.Version}:{answer} {explanation.Explained} is {Number(explanation.Prediction)}; on average it is {Number(explanation.BaseValue)}.");
        if (explanation.Contributions.IsEmpty) return;
        var width = Math.Max(8, explanation.Contributions.Max(c => c.Column.Length)) + 2;
        foreach (var part in explanation.Contributions.Take(most))
        {
            var value = part.From.IsEmpty ? part.Value ?? "(missing)" : $"(from {string.Join(", ", part.From)})";
            if (explanation.Method == VersionExplanation.Sampling)
                Line($"{part.Column.PadRight(width)}{value,-24}{Signed(part.Contribution),-11} ± {Number(part.StandardError)}");
            else Line($"{part.Column.PadRight(width)}{value,-24}{Signed(part.Contribution)}");
        }

        var rest = explanation.Contributions.Skip(most).ToArray();
        if (rest.Length > 0) Line($"{$"{rest.Length} others".PadRight(width)}{"",-24}{Signed(rest.Sum(c => c.Contribution))}");
    }

    private static string Signed(double value) => (value < 0 ? "−" : "+") + Number(Math.Abs(value));

    private static string Number(double value) => Math.Abs(value) >= 1000
        ? value.ToString("#,0", CultureInfo.InvariantCulture)
        : value.ToString("0.####", CultureInfo.InvariantCulture);

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
