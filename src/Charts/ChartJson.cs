using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gyre.Charts;

/// <summary>Writes a chart's numbers as JSON, for whoever would draw it otherwise.</summary>
public static class ChartJson
{
    /// <summary>
    /// <c>title</c>, <c>subtitle</c>, <c>x</c>, <c>y</c> (title, names, isLogarithmic) and <c>marks</c>: kind, name, and
    /// their points as arrays of x and y, seven digits each. What is not finite is null.
    /// </summary>
    public static JsonObject Write(Chart chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        return new JsonObject
        {
            ["title"] = chart.Title,
            ["subtitle"] = chart.Subtitle,
            ["x"] = Write(chart.X),
            ["y"] = Write(chart.Y),
            ["marks"] = new JsonArray([.. chart.Marks.Select(Write)]),
        };
    }

    private static JsonObject Write(Axis axis)
    {
        var json = new JsonObject { ["title"] = axis.Title };
        if (!axis.Names.IsEmpty) json["names"] = new JsonArray([.. axis.Names.Select(n => JsonValue.Create(n))]);
        if (axis.IsLogarithmic) json["isLogarithmic"] = true;
        return json;
    }

    private static JsonObject Write(Mark mark)
    {
        var json = new JsonObject { ["kind"] = Kind(mark) };
        if (mark.Name is not null) json["name"] = mark.Name;
        switch (mark)
        {
            case LineMark line:
                AddPoints(json, line.Points, "x", "y");
                break;
            case DotMark dots:
                AddPoints(json, dots.Points, "x", "y");
                if (!dots.Shades.IsEmpty) json["shade"] = Numbers(dots.Shades);
                break;
            case BandMark band:
                AddPoints(json, band.Lower, "x", "lower");
                json["upper"] = Numbers(band.Upper.Select(p => p.Y));
                break;
            case BarMark bars:
                AddPoints(json, [.. bars.Bars.Select(b => b.From)], "x1", "y1");
                AddPoints(json, [.. bars.Bars.Select(b => b.To)], "x2", "y2");
                break;
            case RangeMark ranges:
                AddPoints(json, [.. ranges.Ranges.Select(r => r.From)], "x1", "y1");
                AddPoints(json, [.. ranges.Ranges.Select(r => r.To)], "x2", "y2");
                break;
            case CellMark cells:
                json["columns"] = cells.Columns;
                json["shade"] = Numbers(cells.Shades);
                json["labels"] = new JsonArray([.. cells.Labels.Select(l => JsonValue.Create(l))]);
                break;
            case NoteMark notes:
                AddPoints(json, [.. notes.Notes.Select(n => n.At)], "x", "y");
                json["texts"] = new JsonArray([.. notes.Notes.Select(n => JsonValue.Create(n.Text))]);
                break;
        }

        return json;
    }

    private static string Kind(Mark mark) => mark.GetType().Name[..^"Mark".Length].ToLowerInvariant();

    private static void AddPoints(JsonObject json, ImmutableArray<ChartPoint> points, string x, string y)
    {
        json[x] = Numbers(points.Select(p => p.X));
        json[y] = Numbers(points.Select(p => p.Y));
    }

    private static JsonArray Numbers(IEnumerable<double> values) =>
        new([.. values.Select(v => double.IsFinite(v) ? JsonValue.Create(Rounded(v)) : null)]);

    private static double Rounded(double value) =>
        double.Parse(value.ToString("g7", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
