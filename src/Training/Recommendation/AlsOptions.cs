using System.Collections.Immutable;
using Gyre.Training.Recommendation;

namespace Gyre.Training;

/// <summary>Hyperparameters of <see cref="AlsTrainer"/>.</summary>
public sealed record AlsOptions
{
    /// <summary>Factors per user and item; default 8. 0 leaves mean and biases alone.</summary>
    public int Factors { get; init; } = 8;

    /// <summary>How often users and then items are solved; default 10.</summary>
    public int Iterations { get; init; } = 10;

    /// <summary>The weight of the squared length of factors, once per rating; default 0.1.</summary>
    public double Regularization { get; init; } = 0.1;

    /// <summary>What that weight begins with, in ratings; default 20. With little ratings a user and none of it,
    /// factors
    /// learn noise.</summary>
    public double FactorDamping { get; init; } = 20;

    /// <summary>Ratings that a user's bias is damped by; default 3.</summary>
    public double UserDamping { get; init; } = 3;

    /// <summary>Ratings that an item's bias is damped by; default 3.</summary>
    public double ItemDamping { get; init; } = 3;

    /// <summary>The length of a list of recommendations; default 10.</summary>
    public int Top { get; init; } = RecommenderOptions.DefaultTop;

    /// <summary>Reads options from text: <c>factors</c>, <c>iterations</c>, <c>regularization</c>,
    /// <c>factor_damping</c>, <c>user_damping</c>, <c>item_damping</c>, <c>top</c>.</summary>
    /// <exception cref="Gyre.Primitives.GyreException">An option is unknown or out of range.</exception>
    public static AlsOptions Parse(IReadOnlyDictionary<string, string> values)
    {
        var defaults = new AlsOptions();
        var reader = new OptionReader(AlsTrainer.TrainerName, values);
        var options = new AlsOptions
        {
            Factors = reader.Integer("factors", defaults.Factors, 0, 512),
            Iterations = reader.Integer("iterations", defaults.Iterations, 1, 1000),
            Regularization = reader.Number("regularization", defaults.Regularization, 0, 1e6, exclusiveLeast: true),
            FactorDamping = reader.Number("factor_damping", defaults.FactorDamping, 0, 1e6),
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
        ["regularization"] = OptionText.Of(Regularization),
        ["factor_damping"] = OptionText.Of(FactorDamping),
        ["user_damping"] = OptionText.Of(UserDamping),
        ["item_damping"] = OptionText.Of(ItemDamping),
        [RecommenderOptions.TopKey] = OptionText.Of(Top),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
