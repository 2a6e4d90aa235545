using System.Globalization;
using System.Text;

namespace Gyre.Charts;

/// <summary>Writes SVG elements. Numbers have two decimals at most; text is escaped.</summary>
internal sealed class SvgText
{
    private readonly StringBuilder _text = new();

    public SvgText Raw(string text)
    {
        _text.Append(text).Append('\n');
        return this;
    }

    public void Line(double x1, double y1, double x2, double y2, string attributes) =>
        Raw($"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" {attributes}/>");

    public void Box(double x, double y, double width, double height, string attributes) =>
        Raw($"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\" {attributes}/>");

    public void Circle(double x, double y, double radius, string attributes) =>
        Raw($"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\" {attributes}/>");

    public void Path(string data, string attributes) => Raw($"<path d=\"{data}\" {attributes}/>");

    /// <summary>Words.</summary>
    /// <param name="x">The anchor.</param>
    /// <param name="y">The base line.</param>
    /// <param name="text">The words.</param>
    /// <param name="size">In pixels.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="muted">Whether they stand back.</param>
    /// <param name="more">Further attributes.</param>
    public void Words(double x, double y, string text, double size, string anchor = "start", bool muted = false, string more = "") =>
        Raw($"<text x=\"{N(x)}\" y=\"{N(y)}\" font-size=\"{N(size)}\" text-anchor=\"{anchor}\" "
            + $"class=\"{(muted ? "gy-muted" : "gy-text")}\" fill=\"{(muted ? Palette.Muted : Palette.Text)}\"{more}>{Escape(text)}</text>");

    public override string ToString() => _text.ToString();

    public static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>About how wide words are in a common sans-serif type, in pixels.</summary>
    public static double WidthOf(string text, double size)
    {
        var units = 0.0;
        foreach (var c in text)
        {
            units += c switch
            {
                'i' or 'j' or 'l' or 'I' or '.' or ',' or ':' or '|' or '\'' => 0.31,
                'f' or 't' or 'r' or ' ' or '(' or ')' or '-' => 0.39,
                'm' or 'w' or 'M' or 'W' or '%' => 0.86,
                >= 'A' and <= 'Z' => 0.68,
                > '\u2e80' => 1,
                >= '0' and <= '9' or '−' => 0.64,
                _ => 0.6,
            };
        }

        return units * size;
    }

    /// <summary>The words, shortened to a width.</summary>
    public static string Fit(string text, double size, double width)
    {
        if (WidthOf(text, size) <= width) return text;
        var length = text.Length;
        while (length > 1 && WidthOf(text[..length] + "…", size) > width) length--;
        return text[..length].TrimEnd() + "…";
    }

    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '&') escaped.Append("&amp;");
            else if (rune.Value is '<') escaped.Append("&lt;");
            else if (rune.Value is '>') escaped.Append("&gt;");
            else if (rune.Value is '"') escaped.Append("&quot;");
            else if (rune.Value < 0x20 || rune.Value is 0xFFFE or 0xFFFF) escaped.Append(' '); // no XML characters
            else escaped.Append(rune);
        }

        return escaped.ToString();
    }
}
