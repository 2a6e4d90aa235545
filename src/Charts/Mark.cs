using System.Collections.Immutable;

namespace Gyre.Charts;

/// <summary>Something drawn in a chart. Points that are not finite are left out.</summary>
/// <param name="Name">Its name in the legend; null for none.</param>
/// <param name="Ink">Its colour.</param>
public abstract record Mark(string? Name, Ink Ink);

/// <summary>A line through points.</summary>
/// <param name="Name">Its name in the legend; null for none.</param>
/// <param name="Points">In drawing order; a point that is not finite parts the line.</param>
/// <param name="Ink">Its colour.</param>
public sealed record LineMark(string? Name, ImmutableArray<ChartPoint> Points, Ink Ink = Ink.Blue) : Mark(Name, Ink)
{
    /// <summary>The width in pixels.</summary>
    public double Width { get; init; } = 2;

    /// <summary>Whether it is dashed, as references are.</summary>
    public bool IsDashed { get; init; }

    /// <summary>How opaque it is, 0 to 1.</summary>
    public double Opacity { get; init; } = 1;
}

/// <summary>Dots.</summary>
/// <param name="Name">Its name in the legend; null for none.</param>
/// <param name="Points">Where.</param>
/// <param name="Ink">Their colour where <paramref name="Ink"/> rules.</param>
public sealed record DotMark(string? Name, ImmutableArray<ChartPoint> Points, Ink Ink = Ink.Blue) : Mark(Name, Ink)
{
    /// <summary>The radius in pixels.</summary>
    public double Radius { get; init; } = 3;

    /// <summary>How opaque they are, 0 to 1.</summary>
    public double Opacity { get; init; } = 1;

    /// <summary>One per point, 0 (blue) to 1 (orange), NaN for grey; empty for one colour.</summary>
    public ImmutableArray<double> Shades { get; init; } = [];

    /// <summary>The names of the shades' ends, for the legend.</summary>
    public (string Low, string High)? ShadeNames { get; init; }
}

/// <summary>An area between two lines over the same x, such as an interval.</summary>
/// <param name="Name">Its name in the legend; null for none.</param>
/// <param name="Lower">The lower line.</param>
/// <param name="Upper">The upper line, as many points.</param>
/// <param name="Ink">Its colour.</param>
public sealed record BandMark(
    string? Name, ImmutableArray<ChartPoint> Lower, ImmutableArray<ChartPoint> Upper, Ink Ink = Ink.Blue)
    : Mark(Name, Ink);

/// <summary>Rectangles: bars of a histogram or of a ranking.</summary>
/// <param name="Name">Its name in the legend; null for none.</param>
/// <param name="Bars">Where.</param>
/// <param name="Ink">Their colour.</param>
public sealed record BarMark(string? Name, ImmutableArray<ChartBox> Bars, Ink Ink = Ink.Blue) : Mark(Name, Ink);

/// <summary>Intervals with whiskers.</summary>
/// <param name="Name">Its name in the legend; null for none.</param>
/// <param name="Ranges">The ends of each: equal in x for vertical ones, in y for horizontal ones.</param>
/// <param name="Ink">Their colour.</param>
public sealed record RangeMark(
    string? Name, ImmutableArray<(ChartPoint From, ChartPoint To)> Ranges, Ink Ink = Ink.Text) : Mark(Name, Ink);

/// <summary>A table of shaded cells between two axes of names.</summary>
/// <param name="Shades">Row-major, rows × columns, 0 (none) to 1 (full).</param>
/// <param name="Columns">The number of columns.</param>
/// <param name="Labels">The text of each cell; empty for none.</param>
public sealed record CellMark(ImmutableArray<double> Shades, int Columns, ImmutableArray<string> Labels)
    : Mark(null, Ink.Blue);

/// <summary>Words at points.</summary>
/// <param name="Notes">Where, and what.</param>
public sealed record NoteMark(ImmutableArray<(ChartPoint At, string Text)> Notes) : Mark(null, Ink.Text);

/// <summary>A place in the axes' units.</summary>
/// <param name="X">Along the horizontal axis.</param>
/// <param name="Y">Along the vertical axis.</param>
public readonly record struct ChartPoint(double X, double Y)
{
    internal bool IsFinite => double.IsFinite(X) && double.IsFinite(Y);
}

/// <summary>A rectangle in the axes' units.</summary>
/// <param name="From">One corner.</param>
/// <param name="To">The opposite corner.</param>
public readonly record struct ChartBox(ChartPoint From, ChartPoint To);

/// <summary>Colours that people with any colour vision tell apart (Okabe and Ito 2008), on light and dark ground.</summary>
public enum Ink
{
    /// <summary>The colour of text.</summary>
    Text,

    /// <summary>Grey: references.</summary>
    Grey,

    /// <summary>Blue: the first series.</summary>
    Blue,

    /// <summary>Vermilion: the second.</summary>
    Vermilion,

    /// <summary>Green: the third.</summary>
    Green,

    /// <summary>Purple: the fourth.</summary>
    Purple,

    /// <summary>Orange: the fifth.</summary>
    Orange,

    /// <summary>Sky: the sixth.</summary>
    Sky,
}
