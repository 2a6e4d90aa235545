using System.Collections.Immutable;
using System.Text;
using static Gyre.Charts.SvgText;

namespace Gyre.Charts;

/// <summary>Draws marks into a plot.</summary>
internal static class MarkPainter
{
    /// <summary>The points that axes must reach.</summary>
    public static IEnumerable<ChartPoint> Extent(Mark mark) => mark switch
    {
        LineMark line => line.Points,
        DotMark dots => dots.Points,
        BandMark band => band.Lower.Concat(band.Upper),
        BarMark bars => bars.Bars.SelectMany(b => new[] { b.From, b.To }),
        RangeMark ranges => ranges.Ranges.SelectMany(r => new[] { r.From, r.To }),
        NoteMark notes => notes.Notes.Select(n => n.At),
        _ => [],
    };

    public static void Paint(SvgText svg, Mark mark, PlotArea area)
    {
        switch (mark)
        {
            case LineMark line:
                svg.Path(Steps(line.Points, area), Stroke(line));
                break;
            case BandMark band:
                var outline = band.Lower.Concat(band.Upper.Reverse()).Where(p => p.IsFinite).ToImmutableArray();
                if (!outline.IsEmpty) svg.Path(Steps(outline, area) + "Z", $"{Fill(band.Ink)} fill-opacity=\"0.18\"");
                break;
            case DotMark dots:
                Dots(svg, dots, area);
                break;
            case BarMark bars:
                foreach (var bar in bars.Bars) Bar(svg, bar, bars.Ink, area);
                break;
            case RangeMark ranges:
                foreach (var (from, to) in ranges.Ranges) Range(svg, from, to, ranges.Ink, area);
                break;
            case CellMark cells:
                Cells(svg, cells, area);
                break;
            case NoteMark notes:
                foreach (var (at, text) in notes.Notes) svg.Words(area.X(at.X) + 4, area.Y(at.Y) + 4, text, 11, muted: true);
                break;
        }
    }

    /// <summary>The mark in small, for the legend.</summary>
    public static void Swatch(SvgText svg, Mark mark, double x, double y, double width)
    {
        switch (mark)
        {
            case LineMark line:
                svg.Line(x, y, x + width, y, Stroke(line));
                break;
            case DotMark dots:
                svg.Circle(x + (width / 2), y, Math.Max(dots.Radius, 3), Fill(dots.Ink));
                break;
            case RangeMark range:
                svg.Line(x, y, x + width, y, $"class=\"gy-l{(int)range.Ink}\" stroke=\"{Palette.Of(range.Ink)}\"");
                break;
            case BandMark:
                svg.Box(x, y - 5, width, 10, $"{Fill(mark.Ink)} fill-opacity=\"0.18\"");
                break;
            default:
                svg.Box(x, y - 5, width, 10, Fill(mark.Ink));
                break;
        }
    }

    private static string Steps(ImmutableArray<ChartPoint> points, PlotArea area)
    {
        var path = new StringBuilder();
        var pen = false;
        foreach (var point in points)
        {
            if (point.IsFinite)
                path.Append(pen ? 'L' : 'M').Append(N(area.X(point.X))).Append(' ').Append(N(area.Y(point.Y)));
            pen = point.IsFinite;
        }

        return path.ToString();
    }

    private static void Dots(SvgText svg, DotMark dots, PlotArea area)
    {
        // A dot is a line of no length with a round end: a fifth of the text that circles take.
        foreach (var (shade, points) in Shaded(dots))
        {
            var path = new StringBuilder();
            foreach (var point in points) path.Append('M').Append(N(area.X(point.X))).Append(' ').Append(N(area.Y(point.Y))).Append("h0");
            var ink = shade is null ? $"class=\"gy-l{(int)dots.Ink}\" stroke=\"{Palette.Of(dots.Ink)}\"" : $"stroke=\"{shade}\"";
            svg.Path(path.ToString(), $"{ink} fill=\"none\" stroke-width=\"{N(2 * dots.Radius)}\" stroke-linecap=\"round\" stroke-opacity=\"{N(dots.Opacity)}\"");
        }
    }

    // Where dots overlap, a single path does not darken: plain dots are drawn in a few paths, shaded ones in one a shade.
    private static IEnumerable<(string? Shade, IEnumerable<ChartPoint> Points)> Shaded(DotMark dots)
    {
        const int Shades = 24;
        const int Layers = 8;
        var finite = Enumerable.Range(0, dots.Points.Length).Where(i => dots.Points[i].IsFinite);
        if (dots.Shades.IsEmpty)
            return finite.GroupBy(i => i % Layers).Select(g => ((string?)null, g.Select(i => dots.Points[i])));
        return finite.GroupBy(i => Math.Round(dots.Shades[i] * Shades) / Shades).OrderBy(g => g.Key)
            .Select(g => ((string?)Palette.Diverging(g.Key), g.Select(i => dots.Points[i])));
    }

    private static void Bar(SvgText svg, ChartBox bar, Ink ink, PlotArea area)
    {
        if (!bar.From.IsFinite || !bar.To.IsFinite) return;
        var (x1, x2) = Ordered(area.X(bar.From.X), area.X(bar.To.X));
        var (y1, y2) = Ordered(area.Y(bar.From.Y), area.Y(bar.To.Y));
        svg.Box(x1, y1, x2 - x1, y2 - y1, Fill(ink));
    }

    private static void Range(SvgText svg, ChartPoint from, ChartPoint to, Ink ink, PlotArea area)
    {
        if (!from.IsFinite || !to.IsFinite) return;
        const double Whisker = 3.5;
        var (x1, y1, x2, y2) = (area.X(from.X), area.Y(from.Y), area.X(to.X), area.Y(to.Y));
        var (dx, dy) = from.Y.Equals(to.Y) ? (0.0, Whisker) : (Whisker, 0.0);
        var stroke = $"class=\"gy-l{(int)ink}\" stroke=\"{Palette.Of(ink)}\" stroke-width=\"1.3\"";
        svg.Line(x1, y1, x2, y2, stroke);
        svg.Line(x1 - dx, y1 - dy, x1 + dx, y1 + dy, stroke);
        svg.Line(x2 - dx, y2 - dy, x2 + dx, y2 + dy, stroke);
    }

    private static void Cells(SvgText svg, CellMark cells, PlotArea area)
    {
        for (var i = 0; i < cells.Shades.Length; i++)
        {
            var (row, column) = (i / cells.Columns, i % cells.Columns);
            var (x1, y1) = (area.X(column - 0.5), area.Y(row - 0.5));
            var (x2, y2) = (area.X(column + 0.5), area.Y(row + 0.5));
            svg.Box(x1 + 0.5, y1 + 0.5, x2 - x1 - 1, y2 - y1 - 1,
                $"{Fill(Ink.Blue)} fill-opacity=\"{N(Palette.CellOpacity(cells.Shades[i]))}\"");
            if (cells.Labels.IsEmpty) continue;
            var lines = cells.Labels[i].Split('\n');
            var size = Math.Min(13, Math.Min((y2 - y1) / (lines.Length + 0.6), (x2 - x1) / 3.5));
            for (var l = 0; l < lines.Length; l++)
            {
                var y = ((y1 + y2) / 2) + (size * (0.36 + ((l - ((lines.Length - 1) / 2.0)) * 1.2)));
                if (cells.Shades[i] > 0.72)
                    svg.Raw($"<text x=\"{N((x1 + x2) / 2)}\" y=\"{N(y)}\" font-size=\"{N(size)}\" text-anchor=\"middle\" fill=\"#ffffff\">{Escape(lines[l])}</text>");
                else svg.Words((x1 + x2) / 2, y, lines[l], size, "middle");
            }
        }
    }

    private static string Fill(Ink ink) => $"class=\"gy-f{(int)ink}\" fill=\"{Palette.Of(ink)}\"";

    private static string Stroke(LineMark line) =>
        $"class=\"gy-l{(int)line.Ink}\" fill=\"none\" stroke=\"{Palette.Of(line.Ink)}\" stroke-width=\"{N(line.Width)}\" "
        + "stroke-linejoin=\"round\" stroke-linecap=\"round\""
        + (line.IsDashed ? " stroke-dasharray=\"5 5\"" : "")
        + (line.Opacity < 1 ? $" stroke-opacity=\"{N(line.Opacity)}\"" : "");

    private static (double Low, double High) Ordered(double a, double b) => a < b ? (a, b) : (b, a);
}
