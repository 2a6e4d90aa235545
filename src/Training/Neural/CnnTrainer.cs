using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Neural;

namespace Gyre.Training;

/// <summary>
/// A small convolutional network over one image column: 3 × 3 convolutions, each followed by max(0, ·) and a pooling of
/// 2 × 2, then dense layers; trained as <see cref="MlpTrainer"/>, on randomly changed images where asked.
/// </summary>
public sealed class CnnTrainer : ITrainer
{
    internal const string TrainerName = "cnn";

    private readonly CnnOptions _options;

    /// <summary>Creates a trainer; null takes the defaults.</summary>
    public CnnTrainer(CnnOptions? options = null)
    {
        _options = options ?? new CnnOptions();
        Parameters = _options.ToParameters();
    }

    /// <inheritdoc/>
    public string Name => TrainerName;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    /// <inheritdoc/>
    public ImmutableArray<ColumnType> FeatureTypes => [ColumnType.Image];

    /// <inheritdoc/>
    public long EstimateMemory(TrainingSet set) =>
        NetworkTraining.Memory(Make(Shape(set), set.Description.Outputs), _options.Schedule, Environment.ProcessorCount);

    /// <inheritdoc/>
    public ITrainer Settled(FittedPipeline trained) => trained.Model is NeuralModel { Epochs: > 0 } model
        ? new CnnTrainer(_options with { Epochs = model.Epochs, Patience = 0, ValidationShare = 0 })
        : this;

    /// <inheritdoc/>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        TrainingGuard.Check(this, train, context);
        var augmentation = new Augmentation(_options.Shift, _options.Flip, _options.Rotate);
        return NetworkTraining.Fit(
            this, Make(Shape(train), train.Description.Outputs), NeuralPreprocessing.Fit(train, 1), _options.Schedule,
            train, validation, context, augmentation.IsNone ? null : augmentation);
    }

    private static ImageShape Shape(TrainingSet set) => set.Features.Columns.Count == 1
        ? ((ImageColumn)set.Features.Columns[0]).Shape
        : throw GyreException.Invalid(
            $"Trainer '{TrainerName}' learns from one image column; there are {set.Features.Columns.Count} features.");

    private Network Make(ImageShape shape, int outputs)
    {
        var layers = new List<Layer>();
        var (height, width, channels) = (shape.Height, shape.Width, shape.Channels);
        foreach (var next in _options.Channels)
        {
            if (height < 2 || width < 2)
                throw GyreException.Invalid(
                    $"Trainer '{TrainerName}': {_options.Channels.Length} convolutions halve an image of {shape} to nothing; "
                    + "give fewer channels.");
            layers.Add(new ConvolutionLayer(height, width, channels, next));
            layers.Add(new PoolingLayer(height, width, next));
            (height, width, channels) = (height / 2, width / 2, next);
        }

        return new Network(layers.Concat(DenseLayers.Make(
            height * width * channels, _options.Hidden, outputs, _options.Dropout)));
    }
}
