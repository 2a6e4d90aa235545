using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>Hyperparameters of <see cref="NaiveBayesTrainer"/>.</summary>
public sealed record NaiveBayesOptions
{
    /// <summary>What is added to each count of a term, so that one never seen in a class does not exclude it. Default
    /// 0.1.</summary>
    public double TextAlpha { get; init; } = 0.1;

    /// <summary>What is added to each count of a category. Default 1.</summary>
    public double Alpha { get; init; } = 1;

    /// <summary>What is added to each variance, as a share of the largest variance of a column. Default 1e-9.</summary>
    public double VarSmoothing { get; init; } = 1e-9;

    /// <summary>The most categories of a feature, the most frequent; rarer ones tell nothing. Default 255.</summary>
    public int MaxCategories { get; init; } = 255;

    /// <summary>The terms of text columns; their plain counts are used.</summary>
    public TextOptions Text { get; init; } = new();

    /// <summary>Reads options from text: <c>text_alpha</c>, <c>alpha</c>, <c>var_smoothing</c>, <c>max_categories</c>,
    /// and those of <see cref="TextOptions"/> but <c>sublinear_tf</c>.</summary>
    /// <exception cref="Gyre.Primitives.GyreException">An option is unknown or out of range.</exception>
    public static NaiveBayesOptions Parse(IReadOnlyDictionary<string, string> values)
    {
        var defaults = new NaiveBayesOptions();
        var reader = new OptionReader(NaiveBayesTrainer.TrainerName, values);
        var options = new NaiveBayesOptions
        {
            TextAlpha = reader.Number("text_alpha", defaults.TextAlpha, 0, 1e6, exclusiveLeast: true),
            Alpha = reader.Number("alpha", defaults.Alpha, 0, 1e6, exclusiveLeast: true),
            VarSmoothing = reader.Number("var_smoothing", defaults.VarSmoothing, 0, 1, exclusiveLeast: true),
            MaxCategories = reader.Integer("max_categories", defaults.MaxCategories, 1, 10_000),
            Text = TextOptions.Read(reader, defaults.Text, counts: true),
        };
        reader.RefuseUnknown();
        return options;
    }

    internal IReadOnlyDictionary<string, string> ToParameters() => ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        new Dictionary<string, string>(Text.ToParameters(counts: true))
        {
            ["text_alpha"] = OptionText.Of(TextAlpha),
            ["alpha"] = OptionText.Of(Alpha),
            ["var_smoothing"] = OptionText.Of(VarSmoothing),
            ["max_categories"] = OptionText.Of(MaxCategories),
        });
}
