using System.Collections.Immutable;
using System.Globalization;
using Gyre.Charts;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Reports;

/// <summary>Charts of any model: residuals, slices, importance, contributions, dependence, learning curve.</summary>
internal static class ModelCharts
{
    private const int MostRows = 15;

    public static Chart Residuals(ModelEvaluation evaluation)
    {
        var residuals = evaluation.Residuals!; // regression
        var (low, high) = (residuals.Predicted.Min(), residuals.Predicted.Max());
        return new Chart("Residuals by prediction", new Axis("Predicted"), new Axis("Actual − predicted"),
        [
            new DotMark(null, [.. residuals.Predicted.Select((p, i) => new ChartPoint(p, residuals.Left[i]))])
                { Radius = 2.2, Opacity = 0.45 },
            new LineMark(null, [new(low, 0), new(high, 0)], Ink.Vermilion) { IsDashed = true, Width = 1.5 },
        ])
        {
            Subtitle = Text($"{residuals.Predicted.Length:N0} of {evaluation.Rows:N0} rows; good when level, even and without shape"),
        };
    }

    public static Chart ResidualHistogram(ModelEvaluation evaluation)
    {
        var residuals = evaluation.Residuals!; // regression
        return new Chart("Residuals", new Axis("Actual − predicted"), new Axis("Rows") { Min = 0 },
            [new BarMark(null, [.. residuals.Histogram.Select(b => new ChartBox(new(b.From, 0), new(b.To, b.Rows)))])])
        {
            Subtitle = Text($"mean {Number(residuals.Mean)}, standard deviation {Number(residuals.Deviation)}, {evaluation.Rows:N0} rows"),
        };
    }

    public static Chart ResidualQuantiles(ModelEvaluation evaluation)
    {
        var points = evaluation.Residuals!.NormalQuantiles; // regression
        var ends = points.IsEmpty ? 1 : points.Max(p => Math.Abs(p.Normal));
        return new Chart("Residuals against a normal distribution", new Axis("Normal quantile"), new Axis("Standardised residual"),
        [
            new LineMark("normal", [new(-ends, -ends), new(ends, ends)], Ink.Grey) { IsDashed = true, Width = 1.5 },
            new DotMark("residuals", [.. points.Select(p => new ChartPoint(p.Normal, p.Residual))]) { Radius = 2.5 },
        ])
        {
            Subtitle = "tails off the line: errors larger than a normal distribution has",
        };
    }

    public static Chart Slices(ModelEvaluation evaluation)
    {
        var shown = evaluation.Slices.Take(MostRows).ToImmutableArray();
        var overall = evaluation.Metrics.First(m => m.Metric == evaluation.Metric).Value;
        return new Chart($"Worst slices by {evaluation.Metric}", new Axis(evaluation.Metric),
            new Axis("") { Names = [.. shown.Select(s => Text($"{s.Column}: {s.Slice} ({s.Rows:N0})"))] },
        [
            new LineMark(Text($"all rows: {Number(overall)}"), [new(overall, -0.5), new(overall, shown.Length - 0.5)], Ink.Grey)
                { IsDashed = true, Width = 1.5 },
            new RangeMark("95 % interval", [.. shown.Select((s, i) => (new ChartPoint(s.Interval.Lower, i), new ChartPoint(s.Interval.Upper, i)))]),
            new DotMark("worse than all rows", Dots(worse: true), Ink.Vermilion) { Radius = 4 },
            new DotMark("not surely worse", Dots(worse: false)) { Radius = 4 },
        ])
        {
            Subtitle = Text($"{evaluation.Slices.Length} slices; in brackets the rows of each"),
            Width = 680,
            Height = 150 + (shown.Length * 24),
        };

        ImmutableArray<ChartPoint> Dots(bool worse) =>
            [.. shown.Select((s, i) => (s, i)).Where(x => x.s.IsWorse == worse).Select(x => new ChartPoint(x.s.Value, x.i))];
    }

    public static Chart Importance(ModelEvaluation evaluation)
    {
        var shown = evaluation.Importance.Take(MostRows).ToImmutableArray();
        return new Chart("Permutation importance", new Axis($"How much worse {evaluation.Metric} gets when the column is shuffled"),
            new Axis("") { Names = [.. shown.Select(i => i.Feature)] },
        [
            new BarMark(null, [.. shown.Select((f, i) => new ChartBox(new(0, i - 0.32), new(f.Mean, i + 0.32)))]),
            new RangeMark(null, [.. shown.Select((f, i) =>
                (new ChartPoint(f.Mean - f.StandardDeviation, i), new ChartPoint(f.Mean + f.StandardDeviation, i)))]),
        ])
        {
            Subtitle = "on held-out rows; the whisker is one standard deviation over shuffles",
            Height = 136 + (shown.Length * 24),
        };
    }

    public static Chart Contributions(ModelEvaluation evaluation)
    {
        var (explanation, places) = (evaluation.Shap!.Explanation, evaluation.Shap.Places); // asked for only where there is one
        var sizes = explanation.MeanSizes();
        var order = Enumerable.Range(0, sizes.Length).OrderByDescending(f => sizes[f]).Where(f => sizes[f] > 0).Take(MostRows).ToArray();
        var names = order.Select(f => explanation.Features[f]).ToImmutableArray();
        var rows = new Axis("") { Names = names };
        if (explanation.BaseValues.Length > 1)
        {
            return new Chart("Contributions of features", new Axis("Mean size of the contribution to a class's score"), rows,
                [new BarMark(null, [.. order.Select((f, i) => new ChartBox(new(0, i - 0.32), new(sizes[f], i + 0.32)))])])
            {
                Subtitle = Text($"TreeSHAP over {explanation.Rows} held-out rows and all classes"),
                Height = 136 + (order.Length * 24),
            };
        }

        var (points, shades) = (ImmutableArray.CreateBuilder<ChartPoint>(), ImmutableArray.CreateBuilder<double>());
        var contributions = explanation.Contributions.ToArray();
        var (low, high) = (contributions.Min(), contributions.Max());
        for (var i = 0; i < order.Length; i++)
        {
            var values = Enumerable.Range(0, explanation.Rows).Select(row => explanation.Of(row)[order[i]]).ToArray();
            var offsets = Swarm.Offsets(values, low, high, 0.42);
            for (var row = 0; row < values.Length; row++)
            {
                points.Add(new ChartPoint(values[row], i + offsets[row]));
                shades.Add(places[(row * sizes.Length) + order[i]]);
            }
        }

        return new Chart("Contributions of features", new Axis(ScoreTitle(evaluation, explanation)), rows,
        [
            new LineMark(null, [new(0, -0.5), new(0, order.Length - 0.5)], Ink.Grey) { Width = 1 },
            new DotMark(null, points.ToImmutable())
            {
                Radius = 1.9, Opacity = 0.75, Shades = shades.ToImmutable(), ShadeNames = ("low value", "high value; grey: category or missing"),
            },
        ])
        {
            Subtitle = Text($"TreeSHAP; each dot is one of {explanation.Rows} held-out rows"),
            Height = 140 + (order.Length * 26),
        };
    }

    public static Chart Dependence(ModelEvaluation evaluation, DependenceCurve curve)
    {
        var isNumber = !curve.Positions.IsEmpty;
        var x = new Axis(curve.Feature) { Names = isNumber ? [] : curve.Values };
        var marks = ImmutableArray.CreateBuilder<Mark>();
        double At(int point) => isNumber ? curve.Positions[point] : point;
        if (isNumber)
        {
            foreach (var (single, i) in curve.Singles.Select((s, i) => (s, i)))
            {
                marks.Add(new LineMark(i == 0 ? "single rows" : null, [.. single.Select((v, p) => new ChartPoint(At(p), v))], Ink.Grey)
                    { Width = 0.8, Opacity = 0.45 });
            }
        }

        Ink[] inks = [Ink.Blue, Ink.Vermilion, Ink.Green, Ink.Purple, Ink.Orange, Ink.Sky];
        foreach (var k in Spread(curve).Take(inks.Length).Select((k, i) => (Output: k, Ink: inks[i])))
        {
            var name = curve.Outputs > 1 ? evaluation.Classes[k.Output] : "mean";
            var points = Enumerable.Range(0, curve.Values.Length)
                .Select(p => new ChartPoint(At(p), curve.Means[(p * curve.Outputs) + k.Output])).ToImmutableArray();
            if (isNumber) marks.Add(new LineMark(name, points, k.Ink) { Width = 2.4 });
            else marks.Add(new DotMark(name, points, k.Ink) { Radius = 4.5 });
        }

        var y = evaluation.Task == TaskKind.Regression ? "Prediction"
            : evaluation.Task == TaskKind.Binary ? $"Probability of '{evaluation.Classes[1]}'" : "Probability";
        return new Chart($"Partial dependence on {curve.Feature}", x, new Axis(y), marks.ToImmutable())
        {
            Subtitle = "the mean prediction when every row is given this value", Width = 460, Height = 320,
        };
    }

    public static Chart Learning(LearningCurve curve)
    {
        var marks = ImmutableArray.CreateBuilder<Mark>();
        if (!double.IsNaN(curve.Limit))
        {
            var (from, to) = (Math.Log(curve.Points[0].Rows), Math.Log(curve.Points[^1].Rows * 4.0));
            marks.Add(new LineMark("power law through it", [.. Enumerable.Range(0, 60).Select(i => Math.Exp(from + ((to - from) * i / 59)))
                .Select(rows => new ChartPoint(rows, curve.At(rows)))], Ink.Grey) { IsDashed = true, Width = 1.5 });
        }

        marks.Add(new RangeMark("one standard deviation over folds", [.. curve.Points.Select(p =>
            (new ChartPoint(p.Rows, p.Mean - p.Deviation), new ChartPoint(p.Rows, p.Mean + p.Deviation)))]));
        marks.Add(new DotMark("measured", [.. curve.Points.Select(p => new ChartPoint(p.Rows, p.Mean))]) { Radius = 4.5 });
        return new Chart("Learning curve", new Axis("Training rows") { IsLogarithmic = true }, new Axis(curve.Metric), marks.ToImmutable())
        {
            Subtitle = curve.Answer(), Width = 720,
        };
    }

    // The outputs that depend most on the feature.
    private static IEnumerable<int> Spread(DependenceCurve curve) =>
        Enumerable.Range(0, curve.Outputs).OrderByDescending(k =>
        {
            var means = Enumerable.Range(0, curve.Values.Length).Select(p => curve.Means[(p * curve.Outputs) + k]).ToArray();
            return means.Max() - means.Min();
        });

    private static string ScoreTitle(ModelEvaluation evaluation, ShapExplanation explanation) => explanation.Link switch
    {
        OutputLink.Logistic => $"Contribution to the log-odds of '{evaluation.Classes[1]}'",
        _ when evaluation.Task == TaskKind.Binary => $"Contribution to the probability of '{evaluation.Classes[1]}'",
        _ => "Contribution to the prediction",
    };

    /// <summary>A number as people read it: four digits or so.</summary>
    internal static string Number(double value) => double.IsNaN(value) ? "–"
        : value.ToString(Math.Abs(value) is >= 1e7 or < 1e-4 and > 0 ? "0.###e0" : Math.Abs(value) >= 1000 ? "#,0" : "0.####", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
