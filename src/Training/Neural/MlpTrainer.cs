using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Training.Neural;

namespace Gyre.Training;

/// <summary>
/// A multilayer perceptron: dense layers rectified by max(0, ·), trained by mini-batches with Adam, ended by early
/// stopping. Brings its own preprocessing (<see cref="NeuralPreprocessing"/>). Computes in float32; the same set, seed
/// and thread count give the same model.
/// </summary>
public sealed class MlpTrainer : ITrainer
{
    internal const string TrainerName = "mlp";

    private readonly MlpOptions _options;

    /// <summary>Creates a trainer; null takes the defaults.</summary>
    public MlpTrainer(MlpOptions? options = null)
    {
        _options = options ?? new MlpOptions();
        Parameters = _options.ToParameters();
    }

    /// <inheritdoc/>
    public string Name => TrainerName;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    /// <inheritdoc/>
    public ImmutableArray<ColumnType> FeatureTypes => [.. TrainingGuard.TabularTypes, ColumnType.Image];

    /// <inheritdoc/>
    public long EstimateMemory(TrainingSet set)
    {
        var width = set.Features.Columns.Sum(c => c switch
        {
            ImageColumn images => images.Shape.Size,
            CategoricalColumn categories => Math.Min(categories.Categories.Count, _options.MaxCategories) + 2,
            _ => 2,
        });
        var network = new Network(
            DenseLayers.Make(width, _options.Hidden, set.Description.Outputs, _options.Dropout));
        return NetworkTraining.Memory(network, _options.Schedule, Environment.ProcessorCount)
            + (12L * set.RowCount * set.Features.Columns.Count);
    }

    /// <inheritdoc/>
    public ITrainer Settled(FittedPipeline trained) => trained.Model is NeuralModel { Epochs: > 0 } model
        ? new MlpTrainer(_options with { Epochs = model.Epochs, Patience = 0, ValidationShare = 0 })
        : this;

    /// <inheritdoc/>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        TrainingGuard.Check(this, train, context);
        var preprocessing = NeuralPreprocessing.Fit(train, _options.MaxCategories);
        var network = new Network(DenseLayers.Make(
            preprocessing.Width, _options.Hidden, train.Description.Outputs, _options.Dropout));
        return NetworkTraining.Fit(this, network, preprocessing, _options.Schedule, train, validation, context);
    }
}
