using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training.Search;

/// <summary>A trainer that draws otherwise: of the same rows and options it makes another model of the same kind.</summary>
internal sealed class ReseededTrainer(ITrainer inner, ulong offset) : ITrainer
{
    public string Name => inner.Name;

    public IReadOnlyDictionary<string, string> Parameters => inner.Parameters;

    public ImmutableArray<ColumnType> FeatureTypes => inner.FeatureTypes;

    public bool Serves(TaskKind task) => inner.Serves(task);

    public long EstimateMemory(TrainingSet set) => inner.EstimateMemory(set);

    public ITrainer Settled(FittedPipeline trained) => new ReseededTrainer(inner.Settled(trained), offset);

    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context) =>
        inner.Train(train, validation, context with { Seed = unchecked(context.Seed + offset) });
}
