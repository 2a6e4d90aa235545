using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Charts;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Reports;

/// <summary>
/// An evaluation as files: `report.html`, one page with everything in reading order and nothing outside it; every chart as
/// `NAME.svg`; `evaluation.json` with all numbers.
/// </summary>
public sealed class EvaluationReport
{
    /// <summary>The page's file.</summary>
    public const string PageFile = "report.html";

    /// <summary>The numbers' file.</summary>
    public const string NumbersFile = "evaluation.json";

    private readonly ReportSubject _subject;

    /// <summary>Draws the charts of an evaluation.</summary>
    public EvaluationReport(ModelEvaluation evaluation, ReportSubject subject)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        (Evaluation, _subject) = (evaluation, subject);
        Charts = Draw(evaluation);
    }

    /// <summary>The evaluation.</summary>
    public ModelEvaluation Evaluation { get; }

    /// <summary>The charts by file name without ending, in reading order.</summary>
    public ImmutableArray<NamedChart> Charts { get; }

    /// <summary>Writes all files into a folder, which is made where it is absent.</summary>
    public async Task WriteAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var pictures = Charts.ToDictionary(c => c.Name, c => SvgChart.Write(c.Chart), StringComparer.Ordinal);
        foreach (var (name, svg) in pictures)
            await DurableFile.WriteTextAsync(Path.Combine(folder, name + ".svg"), svg, cancellationToken);
        await DurableFile.WriteTextAsync(Path.Combine(folder, NumbersFile), ToJson().ToJsonString(LoopJson.Compact) + "\n", cancellationToken);
        var page = EvaluationPage.Write(Evaluation, _subject, Charts, pictures);
        await DurableFile.WriteTextAsync(Path.Combine(folder, PageFile), page, cancellationToken);
    }

    /// <summary>All numbers: metrics, confusion, slices, importance, calibration, and the data of every chart.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["model"] = _subject.Model,
            ["version"] = _subject.Version,
            ["rows"] = Evaluation.Rows,
            ["task"] = Evaluation.Task.ToString().ToLowerInvariant(),
            ["classes"] = Node(Evaluation.Classes),
            ["metric"] = Evaluation.Metric,
            ["metrics"] = new JsonObject(Evaluation.Metrics.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Metric, new JsonObject
            {
                ["value"] = Finite(m.Value), ["lower"] = Finite(m.Interval.Lower), ["upper"] = Finite(m.Interval.Upper),
            }))),
            ["slices"] = new JsonArray([.. Evaluation.Slices.Select(s => new JsonObject
            {
                ["column"] = s.Column, ["slice"] = s.Slice, ["rows"] = s.Rows, ["value"] = Finite(s.Value),
                ["lower"] = Finite(s.Interval.Lower), ["upper"] = Finite(s.Interval.Upper), ["isWorse"] = s.IsWorse,
            })]),
            ["importance"] = Node(Evaluation.Importance),
        };
        if (Evaluation.Confusion is { } confusion) json["confusion"] = Node(confusion.Counts);
        if (Evaluation.Calibration is { } calibration) json["expectedCalibrationError"] = Finite(calibration.ExpectedError);
        if (Evaluation.Brier is { } brier) json["brier"] = Node(brier);
        if (Evaluation.Learning is { } learning) json["learning"] = learning.Answer();
        json["charts"] = new JsonObject(Charts.Select(c => KeyValuePair.Create<string, JsonNode?>(c.Name, ChartJson.Write(c.Chart))));
        return json;
    }

    private static ImmutableArray<NamedChart> Draw(ModelEvaluation evaluation)
    {
        var charts = ImmutableArray.CreateBuilder<NamedChart>();
        void Add(string name, Func<Chart> draw, bool applies)
        {
            if (applies) charts.Add(new NamedChart(name, draw()));
        }

        var isClassification = evaluation.Confusion is not null;
        var hasCurves = evaluation.Curves.Any(c => c.Curve is { Positives: > 0, Negatives: > 0 });
        Add("confusion", () => CurveCharts.Confusion(evaluation), isClassification);
        Add("roc", () => CurveCharts.Roc(evaluation), hasCurves);
        Add("precision_recall", () => CurveCharts.PrecisionRecall(evaluation), hasCurves);
        Add("gain", () => CurveCharts.Gain(evaluation), hasCurves && evaluation.Task == TaskKind.Binary);
        Add("calibration", () => CurveCharts.Calibration(evaluation), evaluation.Calibration is not null);
        Add("residuals", () => ModelCharts.Residuals(evaluation), evaluation.Residuals is not null);
        Add("residual_histogram", () => ModelCharts.ResidualHistogram(evaluation), evaluation.Residuals is not null);
        Add("residual_quantiles", () => ModelCharts.ResidualQuantiles(evaluation), evaluation.Residuals is { NormalQuantiles.Length: > 0 });
        Add("slices", () => ModelCharts.Slices(evaluation), !evaluation.Slices.IsEmpty);
        Add("importance", () => ModelCharts.Importance(evaluation), !evaluation.Importance.IsEmpty);
        Add("contributions", () => ModelCharts.Contributions(evaluation), evaluation.Shap is { } shap && shap.Explanation.MeanSizes().Any(s => s > 0));
        foreach (var (curve, i) in evaluation.Dependence.Select((c, i) => (c, i)))
            Add(string.Create(CultureInfo.InvariantCulture, $"dependence_{i + 1}"), () => ModelCharts.Dependence(evaluation, curve), true);
        Add("learning_curve", () => ModelCharts.Learning(evaluation.Learning!), evaluation.Learning is { Points.Length: > 0 });
        return charts.ToImmutable();
    }

    private static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, LoopJson.Compact);

    private static JsonNode? Finite(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}

/// <summary>A chart and its file.</summary>
/// <param name="Name">The file's name without ending.</param>
/// <param name="Chart">The chart.</param>
public sealed record NamedChart(string Name, Chart Chart);

/// <summary>What a report is about.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">Its version; null before it is registered.</param>
/// <param name="Target">The column that it predicts.</param>
/// <param name="Rows">Which rows it was evaluated on, in words.</param>
/// <param name="Facts">More facts for the head of the page: name and value.</param>
public sealed record ReportSubject(
    string Model, int? Version, string Target, string Rows, ImmutableArray<(string Name, string Value)> Facts);
