using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gyre.Tabular;

namespace Gyre.Models;

/// <summary>
/// Writes a model card in Markdown: what a model is for, what it was made of, and how far to trust it.
/// </summary>
public static class ModelCard
{
    /// <summary>The card. The same content gives the same text.</summary>
    public static string Write(ModelCardContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        var card = new MarkdownPage();
        card.Heading(1, content.Name);
        card.Paragraph(content.Purpose);
        WriteSummary(card, content);
        WriteData(card, content);
        WriteContract(card, content);
        WriteCandidates(card, content);
        card.Section("Search", content.Search, null, s => $"- {s}");
        WriteMetrics(card, content);
        WriteImportance(card, content);
        card.Section("Serving", content.Serving, "| | |\n|---|---|", f => $"| {Cell(f.Name)} | {Cell(f.Value)} |");
        card.Heading(2, "Limits");
        card.List(content.Limits.IsEmpty
            ? ["None were recorded; that does not mean that there are none."]
            : content.Limits);
        card.Section("How to improve it", content.Improvements, null, i => $"- {i}");
        return card.ToString();
    }

    private static void WriteSummary(MarkdownPage card, ModelCardContent content)
    {
        var task = content.Task switch
        {
            TaskKind.Regression => "a number",
            TaskKind.Binary => "one of two classes",
            TaskKind.Recommendation => "by recommending a list of items to a user",
            _ => "one of several classes",
        };
        var classes = content.Classes.IsEmpty ? "" : $": {string.Join(", ", content.Classes.Select(c => $"`{c}`"))}";
        card.Paragraph(
            $"Predicts `{content.Target}`, {task}{classes}. Made {Time(content.CreatedAt)} by run `{content.RunId}`.");
    }

    private static void WriteData(MarkdownPage card, ModelCardContent content)
    {
        var data = content.Data;
        card.Heading(2, "Data");
        card.Paragraph(data.Description);
        var lines = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"{data.Rows:N0} rows"), $"content hash `{data.Hash}`",
        };
        if (data.From is { } from && data.Until is { } until) lines.Add($"from {Time(from)} to {Time(until)}");
        if (content.Split is { } split) lines.Add(split);
        card.List(lines);
    }

    private static void WriteContract(MarkdownPage card, ModelCardContent content)
    {
        card.Section("Contract", content.Contract, "| column | type | rules |\n|---|---|---|",
            c => $"| {Cell(c.Name)} | {c.Type} | {Cell(c.Rules)} |");
        card.Section("Derived features", content.Features, "| feature | SQL |\n|---|---|",
            f => $"| {Cell(f.Name)} | `{Cell(f.Definition)}` |");
    }

    private static void WriteCandidates(MarkdownPage card, ModelCardContent content)
    {
        if (content.Candidates.IsEmpty) return;
        card.Heading(2, "Candidates");
        string[] metrics =
            [.. content.Candidates.SelectMany(c => c.Metrics.Select(m => m.Name)).Distinct(StringComparer.Ordinal)];
        card.Line($"| trainer | {string.Join(" | ", metrics.Select(Cell))} | fit time |");
        card.Line($"|---|{string.Concat(metrics.Select(_ => "---:|"))}---:|");
        foreach (var candidate in content.Candidates)
        {
            var values =
                metrics.Select(name => candidate.Metrics.FirstOrDefault(m => m.Name == name) is { } m ? Value(m) : "");
            var name = candidate.Chosen ? $"**{Cell(candidate.Trainer)}**" : Cell(candidate.Trainer);
            card.Line($"| {name} | {string.Join(" | ", values)} | {Seconds(candidate.FitTime)} |");
        }

        card.Line("");
        if (content.WhyChosen is { } why) card.Paragraph(why);
    }

    private static void WriteMetrics(MarkdownPage card, ModelCardContent content)
    {
        card.Section("Metrics on held-out rows", content.Metrics, "| metric | value | interval |\n|---|---:|---:|", m =>
            $"| {Cell(m.Name)} | {Number(m.Value)} | {Interval(m)} |");
        if (content.Evaluation is { } evaluation) card.Paragraph(evaluation);
    }

    private static void WriteImportance(MarkdownPage card, ModelCardContent content)
    {
        if (content.Importance.IsEmpty) return;
        var meaning = content.ImportanceMeaning ?? "importance";
        card.Section("What it relies on", content.Importance, $"| feature | {Cell(meaning)} |\n|---|---:|", i =>
            $"| {Cell(i.Feature)} | {Number(i.Importance)}{(i.Deviation is { } d ? $" ± {Number(d)}" : "")} |");
    }

    private static string Value(ModelCardMetric metric) =>
        Interval(metric) is { Length: > 0 } interval ? $"{Number(metric.Value)} ({interval})" : Number(metric.Value);

    private static string Interval(ModelCardMetric metric) =>
        metric is { Lower: { } low, Upper: { } high } ? $"{Number(low)} to {Number(high)}" : "";

    private static string Number(double value) =>
        value.ToString("0.####;-0.####;0", CultureInfo.InvariantCulture) is "0" && value != 0
        ? value.ToString("0.##e0", CultureInfo.InvariantCulture)
        : value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Text that cannot end a table's cell or line.</summary>
    private static string Cell(string text) =>
        text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private sealed class MarkdownPage
    {
        private readonly StringBuilder _text = new();

        public void Line(string line) => _text.Append(line).Append('\n');

        public void Heading(int level, string text) => Line($"{new string('#', level)} {text}\n");

        public void Paragraph(string text) => Line($"{text.Trim()}\n");

        public void List(IEnumerable<string> items)
        {
            foreach (var item in items) Line($"- {item}");
            Line("");
        }

        public void Section<T>(string heading, ImmutableArray<T> items, string? header, Func<T, string> line)
        {
            if (items.IsEmpty) return;
            Heading(2, heading);
            if (header is not null) Line(header);
            foreach (var item in items) Line(line(item));
            Line("");
        }

        public override string ToString() => _text.ToString().TrimEnd('\n') + "\n";
    }
}
