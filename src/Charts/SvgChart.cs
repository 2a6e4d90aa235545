namespace Gyre.Charts;

/// <summary>
/// Draws a chart as one SVG element without scripts, outer files or fonts: readable in a browser, a Markdown page, or
/// pasted into HTML. The same chart gives the same text. Thread-safe.
/// </summary>
public static class SvgChart
{
    private const double TitleSize = 15;
    private const double SubtitleSize = 12;
    private const double TickSize = 11;
    private const double AxisSize = 12;
    private const double LegendSize = 11.5;
    private const double Padding = 12;

    /// <summary>The SVG element.</summary>
    /// <exception cref="ArgumentException">The chart is smaller than 240 × 160.</exception>
    public static string Write(Chart chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        if (chart.Width < 240 || chart.Height < 160)
            throw new ArgumentException($"A chart of {chart.Width} × {chart.Height} is too small.", nameof(chart));
        var svg = new SvgText();
        svg.Raw($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {chart.Width} {chart.Height}\" width=\"{chart.Width}\" "
            + $"height=\"{chart.Height}\" role=\"img\" aria-label=\"{SvgText.Escape(chart.Title)}\" "
            + "font-family=\"system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif\">");
        svg.Raw($"<style>{Palette.DarkSheet}</style>");
        var top = Head(svg, chart);
        var area = Area(chart, top);
        Axes(svg, chart, area);
        foreach (var mark in chart.Marks) MarkPainter.Paint(svg, mark, area);
        return svg.Raw("</svg>").ToString();
    }

    // Title, subtitle and legend; returns where the plot may begin.
    private static double Head(SvgText svg, Chart chart)
    {
        var y = Padding + TitleSize;
        svg.Words(Padding, y, SvgText.Fit(chart.Title, TitleSize, chart.Width - (2 * Padding)), TitleSize,
            more: " font-weight=\"600\"");
        if (chart.Subtitle is { Length: > 0 } subtitle)
        {
            y += SubtitleSize + 5;
            svg.Words(Padding, y, SvgText.Fit(subtitle, SubtitleSize, chart.Width - (2 * Padding)), SubtitleSize, muted: true);
        }

        return Legend.Draw(svg, chart, Padding, y + 6, LegendSize) + 10;
    }

    private static PlotArea Area(Chart chart, double top)
    {
        var values = chart.Marks.SelectMany(MarkPainter.Extent).ToArray();
        var bottom = chart.Height - Padding - (TickSize + 6) - (chart.X.Title.Length > 0 ? AxisSize + 6 : 0);
        var y = Scale.Of(chart.Y, values.Select(p => p.Y), (int)Math.Max(2, (bottom - top) / 45));
        var widest = y.Ticks.Max(t => (double?)SvgText.WidthOf(t.Text, TickSize)) ?? 0;
        var left = Padding + Math.Min(widest, chart.Width * 0.38) + 6 + (chart.Y.Title.Length > 0 ? AxisSize + 6 : 0);
        var right = chart.Width - Padding - 6;
        var x = Scale.Of(chart.X, values.Select(p => p.X), (int)Math.Max(2, (right - left) / 75));
        if (chart.X.Names.IsEmpty && !x.Ticks.IsEmpty) // half of the last label may stand beyond the axis
            right -= Math.Max(0, (SvgText.WidthOf(x.Ticks[^1].Text, TickSize) / 2) - 6 - ((1 - x.Share(x.Ticks[^1].Value)) * (right - left)));
        return new PlotArea(left, top, right, bottom, x, y, !chart.Y.Names.IsEmpty);
    }

    private static void Axes(SvgText svg, Chart chart, PlotArea area)
    {
        foreach (var tick in area.YScale.Ticks)
        {
            var y = area.Y(tick.Value);
            if (chart.Y.Names.IsEmpty) svg.Line(area.Left, y, area.Right, y, Stroke("gy-grid", Palette.Grid));
            svg.Words(area.Left - 6, y + (TickSize * 0.36), SvgText.Fit(tick.Text, TickSize, chart.Width * 0.38), TickSize, "end",
                muted: chart.Y.Names.IsEmpty);
        }

        if (chart.X.Names.IsEmpty)
        {
            foreach (var tick in area.XScale.Ticks)
                svg.Line(area.X(tick.Value), area.Top, area.X(tick.Value), area.Bottom, Stroke("gy-grid", Palette.Grid));
        }

        XTicks(svg, chart, area);
        svg.Line(area.Left, area.Bottom, area.Right, area.Bottom, Stroke("gy-axis", Palette.AxisLine));
        if (chart.Y.Names.IsEmpty || chart.X.Names.IsEmpty)
            svg.Line(area.Left, area.Top, area.Left, area.Bottom, Stroke("gy-axis", Palette.AxisLine));
        if (chart.X.Title.Length > 0)
            svg.Words((area.Left + area.Right) / 2, chart.Height - Padding + 1, chart.X.Title, AxisSize, "middle");
        if (chart.Y.Title.Length > 0)
        {
            var (x, y) = (Padding + (AxisSize * 0.8), (area.Top + area.Bottom) / 2);
            svg.Words(x, y, SvgText.Fit(chart.Y.Title, AxisSize, area.Bottom - area.Top + 40), AxisSize, "middle",
                more: $" transform=\"rotate(-90 {SvgText.N(x)} {SvgText.N(y)})\"");
        }
    }

    // Names that do not fit side by side are shortened; where not even that leaves a few letters, every n-th stays.
    private static void XTicks(SvgText svg, Chart chart, PlotArea area)
    {
        var ticks = area.XScale.Ticks;
        var room = (area.Right - area.Left) / Math.Max(ticks.Length, 1);
        var every = chart.X.Names.IsEmpty ? 1 : (int)Math.Ceiling(Math.Min(28, Widest(ticks)) / Math.Max(room - 4, 1));
        for (var i = 0; i < ticks.Length; i += every)
        {
            var text = chart.X.Names.IsEmpty ? ticks[i].Text : SvgText.Fit(ticks[i].Text, TickSize, (room * every) - 4);
            svg.Words(area.X(ticks[i].Value), area.Bottom + TickSize + 5, text, TickSize, "middle", muted: chart.X.Names.IsEmpty);
        }
    }

    private static double Widest(IEnumerable<Tick> ticks) =>
        ticks.Max(t => (double?)SvgText.WidthOf(t.Text, TickSize)) ?? 0;

    private static string Stroke(string style, string colour) => $"class=\"{style}\" stroke=\"{colour}\"";
}
