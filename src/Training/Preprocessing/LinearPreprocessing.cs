using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// For linear models: numbers are imputed with the training median and standardised, with an indicator of missing
/// values where training rows had any; categories are one-hot with a column for missing and one for unknown values;
/// texts are the weights of their terms.
/// The model's inputs are the features' blocks one after the other, <see cref="Width"/> in all.
/// </summary>
public sealed class LinearPreprocessing : Preprocessing
{
    /// <summary>Creates it.</summary>
    public LinearPreprocessing(ImmutableArray<LinearFeature> features)
    {
        Features = features;
        Width = features.Sum(f => f.Width);
    }

    /// <summary>The features, in the order of their blocks.</summary>
    public ImmutableArray<LinearFeature> Features { get; }

    /// <summary>The number of model inputs.</summary>
    public int Width { get; }
}

/// <summary>One feature of a linear model.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Numeric, Integer, Boolean, Categorical or Text.</param>
public abstract record LinearFeature(string Name, ColumnType Type)
{
    /// <summary>How many model inputs it makes.</summary>
    public abstract int Width { get; }
}

/// <summary>
/// A number x (float32): (v − <paramref name="Mean"/>) × <paramref name="InverseScale"/> in float32, v being x or,
/// where x is NaN, <paramref name="Median"/>; then, when <paramref name="HasMissingIndicator"/>, 1 where x is NaN and
/// 0 elsewhere.
/// </summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Numeric, Integer or Boolean.</param>
/// <param name="Median">The median of the training values; 0 when all are missing.</param>
/// <param name="Mean">The mean of the imputed training values.</param>
/// <param name="InverseScale">1 over their standard deviation (population); 1 for a constant column.</param>
/// <param name="HasMissingIndicator">Whether an indicator follows.</param>
public sealed record NumericLinearFeature(
    string Name, ColumnType Type, float Median, float Mean, float InverseScale, bool HasMissingIndicator)
    : LinearFeature(Name, Type)
{
    /// <inheritdoc/>
    public override int Width => HasMissingIndicator ? 2 : 1;

    /// <summary>The standardised value of a number.</summary>
    public float Standardize(float x) => ((float.IsNaN(x) ? Median : x) - Mean) * InverseScale;
}

/// <summary>
/// A category: one input per name in <paramref name="Categories"/>, then one for missing values (also the empty
/// string), then one for values not in the list. Exactly one of them is 1.
/// </summary>
/// <param name="Name">The column.</param>
/// <param name="Categories">The known categories.</param>
public sealed record CategoricalLinearFeature(string Name, ImmutableArray<string> Categories)
    : LinearFeature(Name, ColumnType.Categorical)
{
    /// <inheritdoc/>
    public override int Width => Categories.Length + 2;

    /// <summary>The block position of missing values.</summary>
    public int MissingPosition => Categories.Length;

    /// <summary>The block position of unknown values.</summary>
    public int UnknownPosition => Categories.Length + 1;
}

/// <summary>Free text: one input per column of a vectorizer; most are 0 in a row.</summary>
/// <param name="Name">The column.</param>
/// <param name="Vectorizer">What turns the text into numbers.</param>
public sealed record TextLinearFeature(string Name, TextVectorizer Vectorizer) : LinearFeature(Name, ColumnType.Text)
{
    /// <inheritdoc/>
    public override int Width => Vectorizer.Width;
}
