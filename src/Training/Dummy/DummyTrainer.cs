using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Learns the mean or the class shares only: the baseline that every other trainer has to beat.</summary>
public sealed class DummyTrainer : ITrainer
{
    internal const string TrainerName = "dummy";

    /// <inheritdoc/>
    public string Name => TrainerName;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Parameters { get; } = ImmutableDictionary<string, string>.Empty;

    /// <inheritdoc/>
    public ImmutableArray<ColumnType> FeatureTypes => TrainingGuard.WithImages;

    /// <inheritdoc/>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        var values = new double[train.Description.Outputs];
        foreach (var target in train.Target)
        {
            if (train.Task == TaskKind.Multiclass) values[(int)target]++;
            else values[0] += target;
        }

        context.Progress?.Report(new TrainingProgress(Name, 1, 1, null));
        var model = new ConstantModel([.. values.Select(v => (float)(v / train.RowCount))]);
        return new FittedPipeline(train, NoPreprocessing.Instance, model);
    }

    internal static DummyTrainer Parse(IReadOnlyDictionary<string, string> overrides)
    {
        new OptionReader(TrainerName, overrides).RefuseUnknown();
        return new DummyTrainer();
    }
}
