using System.Collections.Immutable;
using System.Globalization;
using Gyre.Charts;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Reports;

/// <summary>Charts of classifications: ROC, precision and recall, gain, calibration, confusion.</summary>
internal static class CurveCharts
{
    private const int MostClasses = 6;
    private const int MostCells = 25;

    private static readonly Ink[] Inks = [Ink.Blue, Ink.Vermilion, Ink.Green, Ink.Purple, Ink.Orange, Ink.Sky];

    public static Chart Roc(ModelEvaluation evaluation)
    {
        var drawn = Shown(evaluation);
        var marks = Lines(evaluation, drawn, c => c.Curve.Roc(), c => Text($"AUC {AreaUnder(c.Curve):0.###}"));
        var diagonal = Diagonal("chance");
        return new Chart("ROC curve", Share("False positive rate"), Share("True positive rate"), [diagonal, .. marks])
        {
            Subtitle = Note(evaluation, drawn, "how many of the others are called positive, to find so many of the positive"),
        };
    }

    public static Chart PrecisionRecall(ModelEvaluation evaluation)
    {
        var drawn = Shown(evaluation);
        var marks = Lines(evaluation, drawn, c => c.Curve.PrecisionRecall(), _ => null);
        if (evaluation.Task == TaskKind.Binary)
        {
            var curve = evaluation.Curves[0].Curve;
            var share = (double)curve.Positives / (curve.Positives + curve.Negatives);
            marks = marks.Insert(0, new LineMark(Text($"chance: {share:0.# %}"), [new(0, share), new(1, share)], Ink.Grey)
                { IsDashed = true, Width = 1.5 });
        }

        return new Chart("Precision and recall", Share("Recall"), Share("Precision"), marks)
        {
            Subtitle = Note(evaluation, drawn, "how much of what is called positive is, by how much of the positive is found"),
        };
    }

    public static Chart Gain(ModelEvaluation evaluation)
    {
        var curve = evaluation.Curves[0];
        var base1 = (double)curve.Curve.Positives / (curve.Curve.Positives + curve.Curve.Negatives);
        var tenth = curve.Curve.Gain().Last(g => g.Rows <= 0.1 + 1e-9);
        var lift = tenth.Rows > 0 ? Text($" – the top tenth holds {tenth.Positives:0 %}, a lift of {tenth.Positives / tenth.Rows:0.#}") : "";
        return new Chart("Gain", Share("Rows, the highest scores first"), Share($"'{curve.Class}' found"),
        [
            Diagonal("at random"),
            new LineMark("perfect", [new(0, 0), new(base1, 1), new(1, 1)], Ink.Grey) { Width = 1.2 },
            new LineMark("model", Thin(curve.Curve.Gain())),
        ])
        {
            Subtitle = Text($"{evaluation.Rows:N0} rows{lift}"),
        };
    }

    public static Chart Calibration(ModelEvaluation evaluation)
    {
        var curve = evaluation.Calibration!; // classification
        var bins = curve.Bins;
        var binary = evaluation.Task == TaskKind.Binary;
        return new Chart("Calibration",
            Share(binary ? $"Predicted probability of '{evaluation.Classes[1]}'" : "Predicted probability of the likeliest class"),
            Share("Came true"),
        [
            Diagonal("perfect"),
            new RangeMark("95 % interval", [.. bins.Select(b =>
                (new ChartPoint(b.MeanProbability, b.Interval.Lower), new ChartPoint(b.MeanProbability, b.Interval.Upper)))], Ink.Grey),
            new LineMark(null, [.. bins.Select(b => new ChartPoint(b.MeanProbability, b.CameTrue))]) { Width = 1.5 },
            new DotMark("model, by tenths of probability", [.. bins.Select(b => new ChartPoint(b.MeanProbability, b.CameTrue))])
                { Radius = 4 },
        ])
        {
            Subtitle = Text($"{evaluation.Rows:N0} rows; expected calibration error {curve.ExpectedError:0.####}"),
        };
    }

    public static Chart Confusion(ModelEvaluation evaluation)
    {
        var matrix = evaluation.Confusion!; // classification
        var classes = ShownClasses(matrix);
        var labels = classes.Length <= 12;
        var (shades, texts) = (ImmutableArray.CreateBuilder<double>(), ImmutableArray.CreateBuilder<string>());
        foreach (var actual in classes)
        {
            var all = Math.Max(matrix.Actual(actual), 1);
            foreach (var predicted in classes)
            {
                var share = (double)matrix[actual, predicted] / all;
                shades.Add(share);
                texts.Add(classes.Length <= 5 ? Text($"{matrix[actual, predicted]:N0}\n{share:0.# %}") : Text($"{matrix[actual, predicted]}"));
            }
        }

        var names = classes.Select(k => matrix.Classes[k]).ToImmutableArray();
        var part = classes.Length < matrix.Classes.Length
            ? Text($"the {classes.Length} of {matrix.Classes.Length} classes that are confused most; ") : "";
        return new Chart("Confusion matrix", new Axis("Predicted") { Names = names }, new Axis("Actual") { Names = names },
            [new CellMark(shades.ToImmutable(), classes.Length, labels ? texts.ToImmutable() : [])])
        {
            Subtitle = Text($"{part}shade: share of the actual class, {evaluation.Rows:N0} rows"),
            Height = classes.Length <= 5 ? 380 : Math.Min(160 + (classes.Length * 26), 720),
        };
    }

    /// <summary>The area under a ROC curve (trapezoids).</summary>
    internal static double AreaUnder(ThresholdCurve curve)
    {
        var (area, before) = (0.0, (FalsePositiveRate: 0.0, TruePositiveRate: 0.0));
        foreach (var point in curve.Roc())
        {
            area += (point.FalsePositiveRate - before.FalsePositiveRate) * (point.TruePositiveRate + before.TruePositiveRate) / 2;
            before = point;
        }

        return area;
    }

    private static ImmutableArray<int> ShownClasses(ConfusionMatrix matrix)
    {
        var all = Enumerable.Range(0, matrix.Classes.Length);
        if (matrix.Classes.Length <= MostCells) return [.. all];
        return [.. matrix.Worst().SelectMany(w => new[] { w.Actual, w.Predicted }).Distinct().Take(MostCells).Order()];
    }

    private static ImmutableArray<ClassCurve> Shown(ModelEvaluation evaluation) =>
        evaluation.Curves.Length <= MostClasses
            ? evaluation.Curves
            : [.. evaluation.Curves.OrderBy(c => AreaUnder(c.Curve)).Take(MostClasses)];

    private static ImmutableArray<Mark> Lines(
        ModelEvaluation evaluation, ImmutableArray<ClassCurve> curves,
        Func<ClassCurve, ImmutableArray<(double X, double Y)>> points, Func<ClassCurve, string?> note) =>
    [
        .. curves.Select((curve, i) =>
        {
            var name = evaluation.Task == TaskKind.Binary ? $"'{curve.Class}'" : curve.Class;
            return new LineMark(note(curve) is { } text ? $"{name}, {text}" : name, Thin(points(curve)), Inks[i % Inks.Length]);
        }),
    ];

    private static string Note(ModelEvaluation evaluation, ImmutableArray<ClassCurve> drawn, string meaning) =>
        drawn.Length < evaluation.Curves.Length
            ? Text($"the {drawn.Length} classes of {evaluation.Curves.Length} that are told apart worst; {evaluation.Rows:N0} rows")
            : Text($"{evaluation.Rows:N0} rows; {meaning}");

    // Points nearer than a pixel add nothing.
    private static ImmutableArray<ChartPoint> Thin(ImmutableArray<(double X, double Y)> points)
    {
        var thin = ImmutableArray.CreateBuilder<ChartPoint>();
        for (var i = 0; i < points.Length; i++)
        {
            var point = new ChartPoint(points[i].X, points[i].Y);
            if (thin.Count > 0 && i < points.Length - 1 &&
                Math.Abs(point.X - thin[^1].X) < 0.003 && Math.Abs(point.Y - thin[^1].Y) < 0.003)
                continue;
            thin.Add(point);
        }

        return thin.ToImmutable();
    }

    private static LineMark Diagonal(string name) =>
        new(name, [new ChartPoint(0, 0), new ChartPoint(1, 1)], Ink.Grey) { IsDashed = true, Width = 1.5 };

    private static Axis Share(string title) => new(title) { Min = 0, Max = 1 };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
