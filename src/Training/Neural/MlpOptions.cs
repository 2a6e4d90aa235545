using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Training.Neural;

namespace Gyre.Training;

/// <summary>Hyperparameters of <see cref="MlpTrainer"/>.</summary>
public sealed record MlpOptions
{
    /// <summary>The sizes of the hidden layers; empty for none, which is a linear model. Default 128 and 64.</summary>
    public ImmutableArray<int> Hidden { get; init; } = [128, 64];

    /// <summary>The share of each hidden layer's outputs that a training row does without. 0 to 0.9.</summary>
    public double Dropout { get; init; }

    /// <summary>The most times that every row is seen. 1 to 10,000.</summary>
    public int Epochs { get; init; } = 60;

    /// <summary>Rows of a step. 1 to 65,536.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Adam's step size at first. Above 0, up to 1.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>Whether the step size falls to 0 along half a cosine over the epochs.</summary>
    public bool Anneal { get; init; } = true;

    /// <summary>The L2 pull on weights, decoupled from Adam's scaling: a step takes learning rate × this share of a
    /// weight away. 0 to 10.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Ends when the loss on watched rows has not improved for so many epochs and returns to the best; 0 never
    /// watches.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>The share of training rows watched when the caller gives no validation rows. 0 to 0.5.</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>The most one-hot columns of a feature, the most frequent categories; rarer ones count as
    /// unknown.</summary>
    public int MaxCategories { get; init; } = 255;

    /// <summary>Reads options from text: <c>hidden</c> (sizes with commas, or <c>none</c>), <c>dropout</c>,
    /// <c>epochs</c>, <c>batch_size</c>, <c>learning_rate</c>, <c>anneal</c>, <c>weight_decay</c>, <c>patience</c>,
    /// <c>validation_share</c>, <c>max_categories</c>.</summary>
    /// <exception cref="GyreException">An option is unknown or out of range.</exception>
    public static MlpOptions Parse(IReadOnlyDictionary<string, string> values)
    {
        var defaults = new MlpOptions();
        var reader = new OptionReader(MlpTrainer.TrainerName, values);
        var schedule = NetworkSchedule.Read(reader, defaults.Schedule);
        var options = new MlpOptions
        {
            Hidden = LayerSizes.Read(reader, "hidden", defaults.Hidden, 16_384),
            Dropout = reader.Number("dropout", defaults.Dropout, 0, 0.9),
            Epochs = schedule.Epochs,
            BatchSize = schedule.BatchRows,
            LearningRate = schedule.LearningRate,
            Anneal = schedule.Anneal,
            WeightDecay = schedule.WeightDecay,
            Patience = schedule.Patience,
            ValidationShare = schedule.ValidationShare,
            MaxCategories = reader.Integer("max_categories", defaults.MaxCategories, 1, 10_000),
        };
        reader.RefuseUnknown();
        return options;
    }

    internal NetworkSchedule Schedule =>
        new(Epochs, BatchSize, LearningRate, Anneal, WeightDecay, Patience, ValidationShare);

    internal IReadOnlyDictionary<string, string> ToParameters() => Schedule.ToParameters(
        [
            new("hidden", LayerSizes.Text(Hidden)),
            new("dropout", OptionText.Of(Dropout)),
            new("max_categories", OptionText.Of(MaxCategories)),
        ]);
}
