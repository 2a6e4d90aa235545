using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Reports;

/// <summary>The HTML page of an evaluation: no scripts, no outer files, readable on light and dark ground and in print.</summary>
internal static class EvaluationPage
{
    private const int ListedSlices = 25;

    private const string Style =
        """
        :root { color-scheme: light dark; --ink: #24292f; --muted: #6a7078; --rule: #d9dde2; --ground: #ffffff; --bad: #b34700 }
        @media (prefers-color-scheme: dark) { :root { --ink: #d4d7dc; --muted: #9aa0a8; --rule: #3a3f46; --ground: #15181c; --bad: #ff9d5c } }
        body { font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; color: var(--ink);
               background: var(--ground); max-width: 1180px; margin: 2rem auto; padding: 0 1.2rem }
        h1 { font-size: 1.7rem; margin: 0 } h2 { font-size: 1.2rem; margin: 2.2rem 0 .4rem; border-top: 1px solid var(--rule); padding-top: 1rem }
        p { margin: .3rem 0 .8rem; max-width: 75ch } .muted { color: var(--muted) } .bad { color: var(--bad); font-weight: 600 }
        table { border-collapse: collapse; margin: .6rem 0 1rem; font-size: 14px } th { text-align: left; font-weight: 600 }
        th, td { padding: .22rem 1.1rem .22rem 0; border-bottom: 1px solid var(--rule); vertical-align: top }
        td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
        .charts { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 1rem 1.4rem } .charts svg { max-width: 100%; height: auto }
        nav { margin: .8rem 0 } nav a { margin-right: 1rem } a { color: inherit }
        """;

    public static string Write(
        ModelEvaluation evaluation, ReportSubject subject, ImmutableArray<NamedChart> charts, IReadOnlyDictionary<string, string> pictures)
    {
        var page = new StringBuilder();
        var name = subject.Version is { } version ? Text($"{subject.Model}, version {version}") : subject.Model;
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{Escape(name)}: evaluation</title>\n");
        page.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>\n").Append(Style).Append("\n</style>\n</head>\n<body>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h1>{Escape(name)}</h1>\n<p class=\"muted\">Predicts <b>{Escape(subject.Target)}</b>. Evaluated on {Escape(subject.Rows)}.</p>\n");
        Summary(page, evaluation);
        Facts(page, subject);
        Metrics(page, evaluation);
        Section(page, "decisions", "Decisions", evaluation.Confusion is null ? "" :
            "What is called what, and what other thresholds would do.", charts, pictures, "confusion", "roc", "precision_recall", "gain");
        Section(page, "calibration", "Calibration", Calibration(evaluation), charts, pictures, "calibration");
        Section(page, "residuals", "Residuals", Residuals(evaluation), charts, pictures, "residuals", "residual_histogram", "residual_quantiles");
        Slices(page, evaluation, charts, pictures);
        Section(page, "reliance", "What it relies on",
            "Shuffling a column shows what the model loses without it; columns that say the same share their importance. " +
            "Contributions tell what each value added to each prediction.", charts, pictures, "importance", "contributions");
        Section(page, "dependence", "How predictions depend on features",
            "Every row is given the same value of one feature: the mean prediction, and single rows in grey. Where features hang together, this asks about rows that do not occur.",
            charts, pictures, [.. charts.Select(c => c.Name).Where(n => n.StartsWith("dependence_", StringComparison.Ordinal))]);
        Section(page, "learning", "Would more data help?", evaluation.Learning?.Answer() ?? "", charts, pictures, "learning_curve");
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void Summary(StringBuilder page, ModelEvaluation evaluation)
    {
        var main = evaluation.Metrics.FirstOrDefault(m => m.Metric == evaluation.Metric);
        var sentences = new List<string>();
        if (main is not null)
            sentences.Add(Text($"{main.Metric} is {Number(main.Value)}, 95 % interval {Number(main.Interval.Lower)} to {Number(main.Interval.Upper)}, on {evaluation.Rows:N0} rows."));
        var worse = evaluation.Slices.Where(s => s.IsWorse).ToArray();
        sentences.Add(worse.Length == 0
            ? Text($"None of {evaluation.Slices.Length} slices is surely worse than all rows together.")
            : Text($"{worse.Length} of {evaluation.Slices.Length} slices are surely worse than all rows together; worst: {worse[0].Column} = {worse[0].Slice}, {Number(worse[0].Value)} on {worse[0].Rows:N0} rows. ") +
              "(One in forty looks so by chance.)");
        if (evaluation.Importance.Length > 0)
            sentences.Add($"It relies most on {string.Join(", ", evaluation.Importance.Where(i => i.Mean > 0).Take(3).Select(i => i.Feature))}.");
        page.Append("<p>").Append(Escape(string.Join(" ", sentences))).Append("</p>\n");
    }

    private static void Facts(StringBuilder page, ReportSubject subject)
    {
        if (subject.Facts.IsEmpty) return;
        page.Append("<table>\n");
        foreach (var (name, value) in subject.Facts)
            page.Append(CultureInfo.InvariantCulture, $"<tr><th>{Escape(name)}</th><td>{Escape(value)}</td></tr>\n");
        page.Append("</table>\n");
    }

    private static void Metrics(StringBuilder page, ModelEvaluation evaluation)
    {
        Heading(page, "metrics", "Metrics");
        page.Append("<table>\n<tr><th>metric</th><th class=\"n\">value</th><th class=\"n\">95 % interval</th><th></th></tr>\n");
        foreach (var metric in evaluation.Metrics.OrderBy(m => m.Metric == evaluation.Metric ? 0 : 1))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Escape(metric.Metric)}</td><td class=\"n\">{Number(metric.Value)}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{Number(metric.Interval.Lower)} to {Number(metric.Interval.Upper)}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"muted\">{(Training.Metrics.HigherIsBetter(metric.Metric) ? "higher is better" : "lower is better")}</td></tr>\n");
        }

        page.Append("</table>\n<p class=\"muted\">Intervals are percentile bootstrap over the evaluated rows.</p>\n");
    }

    private static string Calibration(ModelEvaluation evaluation)
    {
        if (evaluation.Calibration is not { } curve) return "";
        var text = Text($"Expected calibration error: {curve.ExpectedError:0.####}. ");
        return evaluation.Brier is { } brier
            ? text + Text($"Brier score by tenths of probability: reliability {brier.Reliability:0.####} (0 is best) − resolution {brier.Resolution:0.####} + uncertainty {brier.Uncertainty:0.####} = {brier.Score:0.####}.")
            : text;
    }

    private static string Residuals(ModelEvaluation evaluation) => evaluation.Residuals is { } residuals
        ? Text($"Actual minus predicted: {Number(residuals.Mean)} on average, so predictions are too {(residuals.Mean > 0 ? "low" : "high")} by that; standard deviation {Number(residuals.Deviation)}.")
        : "";

    private static void Slices(
        StringBuilder page, ModelEvaluation evaluation, ImmutableArray<NamedChart> charts, IReadOnlyDictionary<string, string> pictures)
    {
        if (evaluation.Slices.IsEmpty) return;
        Section(page, "slices", "Slices", "Every category and bin of every column, also of columns that the model does not use; the worst first.",
            charts, pictures, "slices");
        page.Append(CultureInfo.InvariantCulture, $"<table>\n<tr><th>column</th><th>slice</th><th class=\"n\">rows</th><th class=\"n\">{Escape(evaluation.Metric)}</th><th class=\"n\">95 % interval</th></tr>\n");
        foreach (var slice in evaluation.Slices.Take(ListedSlices))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Escape(slice.Column)}</td><td>{Escape(slice.Slice)}</td><td class=\"n\">{slice.Rows:N0}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"n{(slice.IsWorse ? " bad" : "")}\">{Number(slice.Value)}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{Number(slice.Interval.Lower)} to {Number(slice.Interval.Upper)}</td></tr>\n");
        }

        page.Append("</table>\n");
    }

    private static void Section(
        StringBuilder page, string id, string heading, string text, ImmutableArray<NamedChart> charts,
        IReadOnlyDictionary<string, string> pictures, params ReadOnlySpan<string> names)
    {
        var wanted = names.ToArray();
        var drawn = charts.Where(c => wanted.Contains(c.Name)).ToArray();
        if (drawn.Length == 0) return;
        Heading(page, id, heading);
        if (text.Length > 0) page.Append("<p>").Append(Escape(text)).Append("</p>\n");
        page.Append("<div class=\"charts\">\n");
        foreach (var chart in drawn) page.Append(pictures[chart.Name]);
        page.Append("</div>\n");
    }

    private static void Heading(StringBuilder page, string id, string text) =>
        page.Append(CultureInfo.InvariantCulture, $"<h2 id=\"{id}\">{Escape(text)}</h2>\n");

    private static string Number(double value) => ModelCharts.Number(value);

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
