using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Training.Neural;

namespace Gyre.Training;

/// <summary>Hyperparameters of <see cref="CnnTrainer"/>.</summary>
public sealed record CnnOptions
{
    /// <summary>The channels of the convolutions; each is 3 × 3 and followed by a pooling that halves the image.
    /// Default 32 and 64.</summary>
    public ImmutableArray<int> Channels { get; init; } = [32, 64];

    /// <summary>The sizes of the dense layers behind them; may be empty. Default 128.</summary>
    public ImmutableArray<int> Hidden { get; init; } = [128];

    /// <summary>The share of each dense hidden layer's outputs that a training row does without. 0 to 0.9.</summary>
    public double Dropout { get; init; } = 0.25;

    /// <summary>The most times that every image is seen. 1 to 10,000.</summary>
    public int Epochs { get; init; } = 15;

    /// <summary>Images of a step. 1 to 65,536.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Adam's step size at first. Above 0, up to 1.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>Whether the step size falls to 0 along half a cosine over the epochs.</summary>
    public bool Anneal { get; init; } = true;

    /// <summary>As in <see cref="MlpOptions.WeightDecay"/>.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>As in <see cref="MlpOptions.Patience"/>.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>As in <see cref="MlpOptions.ValidationShare"/>.</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>Training images are shifted at random by up to so many pixels along each axis. 0 to 64.</summary>
    public int Shift { get; init; }

    /// <summary>Whether training images are flipped left to right half of the time. For digits and letters: no.</summary>
    public bool Flip { get; init; }

    /// <summary>Training images are turned at random by up to so many degrees either way. 0 to 180.</summary>
    public double Rotate { get; init; }

    /// <summary>Reads options from text; names are the properties' in snake case (<c>batch_size</c>, …); lists of sizes
    /// have commas, or are <c>none</c>.</summary>
    /// <exception cref="GyreException">An option is unknown or out of range.</exception>
    public static CnnOptions Parse(IReadOnlyDictionary<string, string> values)
    {
        var defaults = new CnnOptions();
        var reader = new OptionReader(CnnTrainer.TrainerName, values);
        var schedule = NetworkSchedule.Read(reader, defaults.Schedule);
        var options = new CnnOptions
        {
            Channels = LayerSizes.Read(reader, "channels", defaults.Channels, 1024),
            Hidden = LayerSizes.Read(reader, "hidden", defaults.Hidden, 16_384),
            Dropout = reader.Number("dropout", defaults.Dropout, 0, 0.9),
            Epochs = schedule.Epochs,
            BatchSize = schedule.BatchRows,
            LearningRate = schedule.LearningRate,
            Anneal = schedule.Anneal,
            WeightDecay = schedule.WeightDecay,
            Patience = schedule.Patience,
            ValidationShare = schedule.ValidationShare,
            Shift = reader.Integer("shift", defaults.Shift, 0, 64),
            Flip = reader.Flag("flip", defaults.Flip),
            Rotate = reader.Number("rotate", defaults.Rotate, 0, 180),
        };
        reader.RefuseUnknown();
        return options;
    }

    internal NetworkSchedule Schedule =>
        new(Epochs, BatchSize, LearningRate, Anneal, WeightDecay, Patience, ValidationShare);

    internal IReadOnlyDictionary<string, string> ToParameters() => Schedule.ToParameters(
        [
            new("channels", LayerSizes.Text(Channels)),
            new("hidden", LayerSizes.Text(Hidden)),
            new("dropout", OptionText.Of(Dropout)),
            new("shift", OptionText.Of(Shift)),
            new("flip", OptionText.Of(Flip)),
            new("rotate", OptionText.Of(Rotate)),
        ]);
}
