using System.Collections.Immutable;

namespace Gyre.Charts;

/// <summary>
/// A chart as data: what is drawn, not how. <see cref="SvgChart"/> draws it, <see cref="ChartJson"/> writes its numbers.
/// Immutable.
/// </summary>
/// <param name="Title">What it shows, a line.</param>
/// <param name="X">The horizontal axis.</param>
/// <param name="Y">The vertical axis.</param>
/// <param name="Marks">What is drawn, the first lowest.</param>
public sealed record Chart(string Title, Axis X, Axis Y, ImmutableArray<Mark> Marks)
{
    /// <summary>A line beneath the title: what to read from it, or how many rows it is of.</summary>
    public string? Subtitle { get; init; }

    /// <summary>The width of the picture in CSS pixels, at least 240.</summary>
    public int Width { get; init; } = 560;

    /// <summary>The height of the picture in CSS pixels, at least 160.</summary>
    public int Height { get; init; } = 380;
}

/// <summary>An axis.</summary>
/// <param name="Title">What it measures, with its unit; may be empty.</param>
public sealed record Axis(string Title)
{
    /// <summary>The lower end; null for the marks' least value, rounded to a tick.</summary>
    public double? Min { get; init; }

    /// <summary>The upper end; null for the marks' greatest value, rounded to a tick.</summary>
    public double? Max { get; init; }

    /// <summary>Whether equal steps are equal ratios; then all values must be above 0.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Whether ticks are written as per cent.</summary>
    public bool IsShare { get; init; }

    /// <summary>Names at the positions 0, 1, …; empty for an axis of numbers. A vertical axis of names runs down.</summary>
    public ImmutableArray<string> Names { get; init; } = [];
}
