using System.Collections.Immutable;
using Gyre.Training.Recommendation;

namespace Gyre.Training;

/// <summary>Hyperparameters of <see cref="BiasedSgdTrainer"/>.</summary>
public sealed record BiasedSgdOptions
{
    /// <summary>Factors per user and item; default 8.</summary>
    public int Factors { get; init; } = 8;

    /// <summary>Passes over the ratings, in random order; default 40.</summary>
    public int Epochs { get; init; } = 40;

    /// <summary>The first learning rate; it falls to a tenth by the last pass; default 0.01.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>The weight of the squared parameters of a rating; default 0.05.</summary>
    public double Regularization { get; init; } = 0.05;

    /// <summary>The length of a list of recommendations; default 10.</summary>
    public int Top { get; init; } = RecommenderOptions.DefaultTop;

    /// <summary>Reads options from text: <c>factors</c>, <c>epochs</c>, <c>learning_rate</c>, <c>regularization</c>,
    /// <c>top</c>.</summary>
    /// <exception cref="Gyre.Primitives.GyreException">An option is unknown or out of range.</exception>
    public static BiasedSgdOptions Parse(IReadOnlyDictionary<string, string> values)
    {
        var defaults = new BiasedSgdOptions();
        var reader = new OptionReader(BiasedSgdTrainer.TrainerName, values);
        var options = new BiasedSgdOptions
        {
            Factors = reader.Integer("factors", defaults.Factors, 1, 512),
            Epochs = reader.Integer("epochs", defaults.Epochs, 1, 10_000),
            LearningRate = reader.Number("learning_rate", defaults.LearningRate, 0, 1, exclusiveLeast: true),
            Regularization = reader.Number("regularization", defaults.Regularization, 0, 1e6),
            Top = RecommenderOptions.Top(reader),
        };
        reader.RefuseUnknown();
        return options;
    }

    internal IReadOnlyDictionary<string, string> ToParameters() => new Dictionary<string, string>
    {
        ["factors"] = OptionText.Of(Factors),
        ["epochs"] = OptionText.Of(Epochs),
        ["learning_rate"] = OptionText.Of(LearningRate),
        ["regularization"] = OptionText.Of(Regularization),
        [RecommenderOptions.TopKey] = OptionText.Of(Top),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
