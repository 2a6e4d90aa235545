using System.Globalization;

namespace Gyre.Charts;

/// <summary>Colours as SVG writes them.</summary>
internal static class Palette
{
    /// <summary>
    /// Attributes carry the colours for light ground; this sheet overrides them on dark ground, where a viewer knows it.
    /// </summary>
    public const string DarkSheet =
        "@media (prefers-color-scheme: dark) { .gy-text { fill: #d4d7dc } .gy-muted { fill: #9aa0a8 } " +
        ".gy-grid { stroke: #3a3f46 } .gy-axis { stroke: #7d838c } .gy-l0 { stroke: #d4d7dc } .gy-f0 { fill: #d4d7dc } " +
        ".gy-l2 { stroke: #4da3dd } .gy-f2 { fill: #4da3dd } }";

    public const string Text = "#24292f";
    public const string Muted = "#6a7078";
    public const string Grid = "#e3e6ea";
    public const string AxisLine = "#8b929a";

    public static string Of(Ink ink) => ink switch
    {
        Ink.Text => Text,
        Ink.Grey => "#8b929a",
        Ink.Vermilion => "#d55e00",
        Ink.Green => "#009e73",
        Ink.Purple => "#cc79a7",
        Ink.Orange => "#e69f00",
        Ink.Sky => "#56b4e9",
        _ => "#0072b2",
    };

    /// <summary>Between blue (0) over grey to vermilion (1); grey for NaN.</summary>
    public static string Diverging(double share) => double.IsNaN(share)
        ? "#a0a5ab"
        : share < 0.5
            ? Mix((0x00, 0x72, 0xb2), (0xb9, 0xbd, 0xc4), share * 2)
            : Mix((0xb9, 0xbd, 0xc4), (0xd5, 0x5e, 0x00), (share * 2) - 1);

    /// <summary>The opacity of a cell's blue.</summary>
    public static double CellOpacity(double share) => 0.04 + (0.9 * Math.Clamp(share, 0, 1));

    private static string Mix((int R, int G, int B) from, (int R, int G, int B) to, double share)
    {
        share = Math.Clamp(share, 0, 1);
        int Part(int a, int b) => (int)Math.Round(a + ((b - a) * share));
        return string.Create(
            CultureInfo.InvariantCulture, $"#{Part(from.R, to.R):x2}{Part(from.G, to.G):x2}{Part(from.B, to.B):x2}");
    }
}
