namespace Gyre.Charts;

/// <summary>The names of marks, in rows beneath the title.</summary>
internal static class Legend
{
    private const double Swatch = 18;
    private const double Gap = 18;

    /// <summary>Draws it; returns its lower end.</summary>
    public static double Draw(SvgText svg, Chart chart, double left, double top, double size)
    {
        var (x, y) = (left, top);
        var any = false;
        foreach (var mark in chart.Marks)
        {
            if (mark is DotMark { ShadeNames: { } names })
            {
                Shades(svg, names, left, y + size, size);
                return y + size + 6;
            }

            if (mark.Name is not { Length: > 0 } name) continue;
            var width = Swatch + 5 + SvgText.WidthOf(name, size);
            if (any && x + width > chart.Width - left) (x, y) = (left, y + size + 6);
            any = true;
            MarkPainter.Swatch(svg, mark, x, y + size - 4, Swatch);
            svg.Words(x + Swatch + 5, y + size, name, size);
            x += width + Gap;
        }

        return any ? y + size + 4 : y;
    }

    private static void Shades(SvgText svg, (string Low, string High) names, double left, double y, double size)
    {
        const int Steps = 24;
        const double Width = 96;
        svg.Words(left, y, names.Low, size, muted: true);
        var x = left + SvgText.WidthOf(names.Low, size) + 8;
        for (var i = 0; i < Steps; i++)
            svg.Box(x + (i * Width / Steps), y - 9, (Width / Steps) + 0.3, 9, $"fill=\"{Palette.Diverging((i + 0.5) / Steps)}\"");
        svg.Words(x + Width + 8, y, names.High, size, muted: true);
    }
}
