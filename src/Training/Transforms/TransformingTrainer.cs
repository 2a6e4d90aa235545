using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Learns transforms from the rows that a trainer is about to learn from, never from others, and hands it the wider rows.
/// </summary>
public sealed class TransformingTrainer : ITrainer
{
    private readonly ITrainer _inner;
    private readonly ImmutableArray<TransformSettings> _transforms;

    private TransformingTrainer(ITrainer inner, ImmutableArray<TransformSettings> transforms) =>
        (_inner, _transforms) = (inner, transforms);

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Parameters => _inner.Parameters;

    /// <inheritdoc/>
    public ImmutableArray<ColumnType> FeatureTypes => _inner.FeatureTypes;

    /// <summary>The trainer itself when there is nothing to transform.</summary>
    public static ITrainer Wrap(ITrainer trainer, ImmutableArray<TransformSettings> transforms) =>
        transforms.IsEmpty || trainer is DummyTrainer ? trainer : new TransformingTrainer(trainer, transforms);

    /// <inheritdoc/>
    public long EstimateMemory(TrainingSet set) =>
        _inner.EstimateMemory(WithoutFrozen(set)) + (8L * set.RowCount * _transforms.Sum(t => t.Columns.Length + t.Count));

    /// <inheritdoc/>
    public ITrainer Settled(FittedPipeline trained) => trained.Model is TransformedModel model
        ? new TransformingTrainer(_inner.Settled(model.Inner), _transforms)
        : this;

    /// <inheritdoc/>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        ImmutableArray<Transform> transforms = [.. _transforms.Select(t => t.Fit(train.Features, context))];
        var inner = _inner.Train(Widen(train, transforms), validation is null ? null : Widen(validation, transforms), context);
        return new FittedPipeline(train, NoPreprocessing.Instance, new TransformedModel(transforms, inner));
    }

    private TrainingSet WithoutFrozen(TrainingSet set)
    {
        var frozen = _transforms.Where(t => t.Extractor is not null).SelectMany(t => t.Columns).ToHashSet(StringComparer.Ordinal);
        return frozen.Count == 0
            ? set : set.Select([.. set.Features.Schema.Select(c => c.Name).Where(name => !frozen.Contains(name))]);
    }

    private static TrainingSet Widen(TrainingSet set, ImmutableArray<Transform> transforms)
    {
        var columns = transforms.SelectMany(t => t.Apply(set.Features)).ToList();
        if (columns.FirstOrDefault(c => set.Features.Schema.Contains(c.Name)) is { } clash)
            throw GyreException.Invalid($"A transform adds a column '{clash.Name}', which exists already; rename it.");
        var frozen = transforms.OfType<FrozenFeatures>().Select(f => f.Column).ToHashSet(StringComparer.Ordinal);
        var wider = set.With(columns);
        return frozen.Count == 0
            ? wider
            : wider.Select([.. wider.Features.Schema.Select(c => c.Name).Where(name => !frozen.Contains(name))]);
    }
}
