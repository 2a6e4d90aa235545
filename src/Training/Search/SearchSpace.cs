using System.Collections.Immutable;
using System.Globalization;

namespace Gyre.Training;

/// <summary>The options of one trainer that a search varies; others keep their defaults.</summary>
/// <param name="Parameters">One per option.</param>
public sealed record SearchSpace(ImmutableArray<SearchParameter> Parameters)
{
    /// <summary>An option to be found, or null.</summary>
    internal SearchParameter? Find(string name) => Parameters.FirstOrDefault(p => p.Name == name);
}

/// <summary>An option and the values it may take. Every value stands at a position in [0, 1].</summary>
/// <param name="Name">The option's name, as in a pipeline file.</param>
public abstract record SearchParameter(string Name)
{
    /// <summary>The value at a position, as text.</summary>
    /// <param name="position">0 to 1.</param>
    internal abstract string At(double position);

    /// <summary>The position of a value; the nearest one for a value outside of the range.</summary>
    internal abstract double PositionOf(string text);
}

/// <summary>Numbers from one to another, both included.</summary>
/// <param name="Name">The option's name.</param>
/// <param name="Least">The least; above 0 when logarithmic.</param>
/// <param name="Most">The greatest; above the least.</param>
/// <param name="Logarithmic">Whether ratios rather than differences are spread evenly.</param>
/// <param name="Whole">Whether only whole numbers are meant.</param>
public sealed record NumberRange(
    string Name, double Least, double Most, bool Logarithmic = false, bool Whole = false) : SearchParameter(Name)
{
    internal override string At(double position)
    {
        position = Math.Clamp(position, 0, 1);
        var value = Logarithmic
            ? Math.Exp(double.Lerp(Math.Log(Least), Math.Log(Most), position))
            : double.Lerp(Least, Most, position);
        // Three digits tell values apart well enough, and a run stays readable.
        var tidy = Whole ? Math.Round(value) : double.Parse(
            value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Math.Clamp(tidy, Least, Most).ToString("R", CultureInfo.InvariantCulture);
    }

    internal override double PositionOf(string text)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) return 0.5;
        value = Math.Clamp(value, Least, Most);
        return Logarithmic ? Math.Log(value / Least) / Math.Log(Most / Least) : (value - Least) / (Most - Least);
    }
}

/// <summary>One of several values without an order.</summary>
/// <param name="Name">The option's name.</param>
/// <param name="Values">The values, at least one.</param>
public sealed record Choices(string Name, ImmutableArray<string> Values) : SearchParameter(Name)
{
    internal override string At(double position) =>
        Values[Math.Clamp((int)(position * Values.Length), 0, Values.Length - 1)];

    internal override double PositionOf(string text) => (Math.Max(0, Values.IndexOf(text)) + 0.5) / Values.Length;
}
