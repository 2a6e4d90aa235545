using System.Collections.Immutable;
using Gyre.Training.Recommendation;

namespace Gyre.Training;

/// <summary>Hyperparameters of <see cref="ImplicitAlsTrainer"/>.</summary>
public sealed record ImplicitAlsOptions
{
    /// <summary>Factors per user and item; default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>How often users and then items are solved; default 12.</summary>
    public int Iterations { get; init; } = 12;

    /// <summary>The weight of a pair that was not seen beside 1 for one that was; default 0.1.</summary>
    public double UnseenWeight { get; init; } = 0.1;

    /// <summary>The weight of the squared length of factors; default 0.01.</summary>
    public double Regularization { get; init; } = 0.01;

    /// <summary>
    /// How the regularization grows with the weight of a user's or item's pairs: 0 not at all, 1 in proportion;
    /// default 1.
    /// </summary>
    public double FrequencyScaling { get; init; } = 1;

    /// <summary>Steps of the conjugate gradient method per user or item and iteration; default 3.</summary>
    public int Steps { get; init; } = 3;

    /// <summary>Ratings that a user's bias is damped by where ratings are predicted too; default 3.</summary>
    public double UserDamping { get; init; } = 3;

    /// <summary>Ratings that an item's bias is damped by where ratings are predicted too; default 3.</summary>
    public double ItemDamping { get; init; } = 3;

    /// <summary>The length of a list of recommendations; default 10.</summary>
    public int Top { get; init; } = RecommenderOptions.DefaultTop;

    /// <summary>Reads options from text: <c>factors</c>, <c>iterations</c>, <c>unseen_weight</c>,
    /// <c>regularization</c>,
    /// <c>frequency_scaling</c>, <c>steps</c>, <c>user_damping</c>, <c>item_damping</c>, <c>top</c>.</summary>
    /// <exception cref="Gyre.Primitives.GyreException">An option is unknown or out of range.</exception>
    public static ImplicitAlsOptions Parse(IReadOnlyDictionary<string, string> values)
    {
        var defaults = new ImplicitAlsOptions();
        var reader = new OptionReader(ImplicitAlsTrainer.TrainerName, values);
        var options = new ImplicitAlsOptions
        {
            Factors = reader.Integer("factors", defaults.Factors, 1, 512),
            Iterations = reader.Integer("iterations", defaults.Iterations, 1, 1000),
            UnseenWeight = reader.Number("unseen_weight", defaults.UnseenWeight, 0, 1, exclusiveLeast: true),
            Regularization = reader.Number("regularization", defaults.Regularization, 0, 1e6, exclusiveLeast: true),
            FrequencyScaling = reader.Number("frequency_scaling", defaults.FrequencyScaling, 0, 1),
            Steps = reader.Integer("steps", defaults.Steps, 1, 1000),
            UserDamping = reader.Number("user_damping", defaults.UserDamping, 0, 1e6),
            ItemDamping = reader.Number("item_damping", defaults.ItemDamping, 0, 1e6),
            Top = RecommenderOptions.Top(reader),
        };
        reader.RefuseUnknown();
        return options;
    }

    internal IReadOnlyDictionary<string, string> ToParameters() => new Dictionary<string, string>
    {
        ["factors"] = OptionText.Of(Factors),
        ["iterations"] = OptionText.Of(Iterations),
        ["unseen_weight"] = OptionText.Of(UnseenWeight),
        ["regularization"] = OptionText.Of(Regularization),
        ["frequency_scaling"] = OptionText.Of(FrequencyScaling),
        ["steps"] = OptionText.Of(Steps),
        ["user_damping"] = OptionText.Of(UserDamping),
        ["item_damping"] = OptionText.Of(ItemDamping),
        [RecommenderOptions.TopKey] = OptionText.Of(Top),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
