using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// A trained model with its preprocessing: from named columns to predictions. Immutable, thread-safe.
/// Numbers become float32 at the door (see <see cref="FeatureEncoding"/>), so that a float32 graph made of the
/// same parts routes every row alike.
/// </summary>
public sealed class FittedPipeline
{
    /// <summary>Puts a pipeline together.</summary>
    /// <param name="inputs">The feature columns it needs.</param>
    /// <param name="task">What it predicts.</param>
    /// <param name="classes">The class names in output order; empty for regression.</param>
    /// <param name="targetName">The target's column name.</param>
    /// <param name="targetType">The target column's type, which labels have.</param>
    /// <param name="preprocessing">How columns become the model's numbers.</param>
    /// <param name="model">The model.</param>
    public FittedPipeline(
        Schema inputs,
        TaskKind task,
        ImmutableArray<string> classes,
        string targetName,
        ColumnType targetType,
        Preprocessing preprocessing,
        Model model)
    {
        Inputs = inputs;
        Task = task;
        Classes = classes;
        TargetName = targetName;
        TargetType = targetType;
        Preprocessing = preprocessing;
        Model = model;
    }

    internal FittedPipeline(TrainingSet set, Preprocessing preprocessing, Model model)
        : this(set.Inputs, set.Task, set.Classes, set.TargetName, set.TargetType, preprocessing, model)
    {
    }

    /// <summary>The feature columns, in training order. Nullable where training rows missed values.</summary>
    public Schema Inputs { get; }

    /// <summary>What it predicts.</summary>
    public TaskKind Task { get; }

    /// <summary>The class names in output order; [negative, positive] for binary tasks; empty for regression.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>The target's column name.</summary>
    public string TargetName { get; }

    /// <summary>The target column's type: the type of a classifier's labels.</summary>
    public ColumnType TargetType { get; }

    /// <summary>How columns become the model's numbers.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The probability from which on a binary task's rows are called positive, 0 to 1.</summary>
    public double Threshold { get; private init; } = 0.5;

    /// <summary>Numbers per row of a prediction; see <see cref="TaskKinds.OutputsOf"/>.</summary>
    public int Outputs => Task.OutputsOf(Classes.Length);

    /// <summary>Predicts every row of a table that has the input columns; others are ignored. Trees use every core for
    /// many rows.</summary>
    /// <exception cref="Gyre.Primitives.GyreException">An input column is absent or of another kind.</exception>
    public Predictions Predict(Table table) => Predict(table, Environment.ProcessorCount);

    /// <summary>Predicts on up to a number of threads; the predictions do not depend on it.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="threads">At least 1.</param>
    /// <exception cref="Gyre.Primitives.GyreException">An input column is absent or of another kind.</exception>
    public Predictions Predict(Table table, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var values = new double[table.RowCount * Outputs];
        Model.Predict(Preprocessing, table, values, threads);
        return new Predictions(Task, Outputs, values) { Threshold = Threshold };
    }

    /// <summary>The same pipeline with another threshold, kept as a float32.</summary>
    /// <exception cref="ArgumentException">It is outside 0 to 1, or the task is not binary.</exception>
    public FittedPipeline WithThreshold(double threshold)
    {
        if (Task != TaskKind.Binary) throw new ArgumentException("Only a binary task has a threshold.", nameof(threshold));
        if (threshold is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold is 0 to 1.");
        return new FittedPipeline(Inputs, Task, Classes, TargetName, TargetType, Preprocessing, Model)
        {
            Threshold = (float)threshold,
        };
    }
}
