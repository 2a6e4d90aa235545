using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Makes a model of a training set. Implementations are immutable and thread-safe; the same set, seed and thread count
/// give the same model.
/// </summary>
public interface ITrainer
{
    /// <summary>The name in pipeline files and logs, one of <see cref="TrainerFactory.Names"/>.</summary>
    string Name { get; }

    /// <summary>Every hyperparameter by name, defaults included, as a run records them.</summary>
    IReadOnlyDictionary<string, string> Parameters { get; }

    /// <summary>The column types that it can learn from. <see cref="TrainingGuard"/> refuses others before
    /// training.</summary>
    ImmutableArray<ColumnType> FeatureTypes => TrainingGuard.TabularTypes;

    /// <summary>Whether it can predict for a task: recommenders serve recommendation alone, most others all but that.</summary>
    bool Serves(TaskKind task) => task != TaskKind.Recommendation;

    /// <summary>About how many bytes training on a set takes beside the set itself. <see cref="TrainingGuard"/> holds
    /// it against the memory there is.</summary>
    long EstimateMemory(TrainingSet set) => 16L * set.RowCount * set.Features.Columns.Count;

    /// <summary>
    /// The same trainer with what a training found (the number of rounds, say) as settings: to train once more on all
    /// rows, with none to watch.
    /// </summary>
    ITrainer Settled(FittedPipeline trained) => this;

    /// <summary>Trains. Synchronous and CPU-bound; runs on up to the context's number of threads.</summary>
    /// <param name="train">The rows to learn from.</param>
    /// <param name="validation">Rows for early stopping, with the same features and classes; null lets the trainer
    /// choose.</param>
    /// <param name="context">Seed, threads, progress and cancellation.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled; noticed within a second.</exception>
    /// <exception cref="Gyre.Primitives.GyreException">The rows cannot be learned from.</exception>
    FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context);
}
