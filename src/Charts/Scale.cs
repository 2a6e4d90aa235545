using System.Collections.Immutable;
using System.Globalization;

namespace Gyre.Charts;

/// <summary>Where an axis's values lie between two pixels, and its ticks.</summary>
internal sealed class Scale
{
    private readonly bool _logarithmic;

    private Scale(double min, double max, bool logarithmic, ImmutableArray<Tick> ticks)
    {
        (Min, Max, _logarithmic, Ticks) = (min, max, logarithmic, ticks);
    }

    public double Min { get; }

    public double Max { get; }

    public ImmutableArray<Tick> Ticks { get; }

    /// <summary>Where a value lies: 0 at the lower end, 1 at the upper.</summary>
    public double Share(double value) => _logarithmic
        ? Math.Log(value / Min) / Math.Log(Max / Min)
        : (value - Min) / (Max - Min);

    /// <summary>The scale of an axis over the values drawn on it.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="values">All values; those that are not finite do not count.</param>
    /// <param name="ticks">About how many ticks there is room for.</param>
    public static Scale Of(Axis axis, IEnumerable<double> values, int ticks)
    {
        if (!axis.Names.IsEmpty)
        {
            return new Scale(-0.5, axis.Names.Length - 0.5, false,
                [.. axis.Names.Select((name, i) => new Tick(i, name))]);
        }

        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Where(v => double.IsFinite(v) && (!axis.IsLogarithmic || v > 0)))
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        if (min > max) (min, max) = (axis.IsLogarithmic ? 1 : 0, axis.IsLogarithmic ? 10 : 1);
        (min, max) = (axis.Min ?? min, axis.Max ?? max);
        return axis.IsLogarithmic ? Logarithmic(min, max) : Linear(axis, min, max, ticks);
    }

    private static Scale Linear(Axis axis, double min, double max, int count)
    {
        if (!(max > min))
        {
            var around = min == 0 ? 1 : Math.Abs(min) / 2;
            (min, max) = (min - around, max + around);
        }

        // Marks keep off the ends, but for a zero that they stand on.
        var pad = (max - min) * 0.04;
        if (axis.Min is null && min != 0) min -= pad;
        if (axis.Max is null && max != 0) max += pad;
        var step = Step((max - min) / Math.Max(count, 2));
        var ticks = ImmutableArray.CreateBuilder<Tick>();
        for (var i = Math.Ceiling((min / step) - 1e-9); i * step <= max + (step * 1e-9); i++)
            ticks.Add(new Tick(i * step, Format(i * step, step, axis.IsShare)));
        return new Scale(min, max, false, ticks.ToImmutable());
    }

    // Decades, with 2 and 5 between them where there are few.
    private static Scale Logarithmic(double min, double max)
    {
        if (!(max > min)) (min, max) = (min / 2, max * 2);
        var decades = Math.Log10(max / min);
        double[] steps = decades > 4 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
        var ticks = ImmutableArray.CreateBuilder<Tick>();
        for (var exponent = Math.Floor(Math.Log10(min)); exponent <= Math.Ceiling(Math.Log10(max)); exponent++)
        {
            foreach (var factor in steps)
            {
                var value = factor * Math.Pow(10, exponent);
                if (value >= min * 0.999 && value <= max * 1.001) ticks.Add(new Tick(value, Format(value, value, false)));
            }
        }

        return new Scale(min, max, true, ticks.ToImmutable());
    }

    // The step of 1, 2 or 5 times a power of ten that is nearest above a rough one.
    private static double Step(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var times = rough / power;
        return power * (times <= 1.0001 ? 1 : times <= 2.0001 ? 2 : times <= 5.0001 ? 5 : 10);
    }

    private static string Format(double value, double step, bool share)
    {
        if (share) (value, step) = (value * 100, step * 100);
        var text = Math.Abs(value) switch
        {
            0 => "0",
            >= 1e9 or < 1e-4 when step is >= 1e8 or < 1e-4 => value.ToString("0.##e0", CultureInfo.InvariantCulture),
            >= 1e6 when step >= 1e4 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " M",
            _ => value.ToString("#,0." + new string('#', Decimals(step)), CultureInfo.InvariantCulture),
        };
        return (share ? text + " %" : text).Replace('-', '−');
    }

    private static int Decimals(double step) => Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 6);
}

/// <summary>A tick.</summary>
/// <param name="Value">Where.</param>
/// <param name="Text">What stands there.</param>
internal readonly record struct Tick(double Value, string Text);
