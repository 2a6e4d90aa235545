using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Rows to train or evaluate on: features, a target, and what the target means. Immutable; thread-safe to read.
/// </summary>
public sealed class TrainingSet
{
    private readonly double[] _target;
    private readonly double[]? _weights;

    private TrainingSet(
        Table features, Schema inputs, double[] target, TargetDescription description, double[]? weights = null)
    {
        Features = features;
        Inputs = inputs;
        _target = target;
        _weights = weights;
        Description = description;
    }

    /// <summary>The features, one column each, in the order asked for.</summary>
    public Table Features { get; }

    /// <summary>The features' definitions; nullable as in the whole set this one was taken from.</summary>
    public Schema Inputs { get; }

    /// <summary>One number per row: the value (regression), the position in <see cref="Classes"/>, or the rating
    /// (recommendation; NaN where nobody rated).</summary>
    public ReadOnlySpan<double> Target => _target;

    /// <summary>The same numbers, for code that cannot hold a span. Must not be written to.</summary>
    public ReadOnlyMemory<double> TargetMemory => _target;

    /// <summary>How much each row counts in training, 0 or more, as if it stood so often in the set; empty when each
    /// counts as one.</summary>
    public ReadOnlySpan<double> Weights => _weights;

    /// <summary>The same numbers, for code that cannot hold a span. Must not be written to.</summary>
    public ReadOnlyMemory<double> WeightsMemory => _weights;

    /// <summary>What is predicted.</summary>
    public TaskKind Task => Description.Task;

    /// <summary>The class names: empty for regression, [negative, positive] for binary tasks, else in their natural
    /// order.</summary>
    public ImmutableArray<string> Classes => Description.Classes;

    /// <summary>The target's column name.</summary>
    public string TargetName => Description.Name;

    /// <summary>The target column's type, which a classifier's labels have.</summary>
    public ColumnType TargetType => Description.Type;

    /// <summary>The number of rows.</summary>
    public int RowCount => _target.Length;

    internal TargetDescription Description { get; }

    /// <summary>The rows at the given positions, in that order.</summary>
    public TrainingSet Take(ReadOnlySpan<int> rows)
    {
        var target = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++) target[i] = _target[rows[i]];
        if (_weights is null) return new TrainingSet(Features.Take(rows), Inputs, target, Description);
        var weights = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++) weights[i] = _weights[rows[i]];
        return new TrainingSet(Features.Take(rows), Inputs, target, Description, weights);
    }

    /// <summary>The same rows with other weights; null lets each count as one. Keeps the array.</summary>
    /// <exception cref="GyreException">A weight is negative or not finite, or all are 0.</exception>
    public TrainingSet WithWeights(double[]? weights)
    {
        if (weights is null) return new TrainingSet(Features, Inputs, _target, Description);
        if (weights.Length != RowCount)
            throw new ArgumentException($"{weights.Length} weights for {RowCount} rows.", nameof(weights));
        var bad = Array.FindIndex(weights, w => !double.IsFinite(w) || w < 0);
        if (bad >= 0)
            throw GyreException.Invalid($"The weight of row {bad + 1} is {weights[bad]}; it must be finite and not below 0.");
        if (Array.TrueForAll(weights, w => w == 0)) throw GyreException.Invalid("All row weights are 0.");
        return new TrainingSet(Features, Inputs, _target, Description, weights);
    }

    /// <summary>The same rows with more feature columns behind their own.</summary>
    internal TrainingSet With(IReadOnlyList<Column> columns)
    {
        var added = columns.Select(c => new ColumnDefinition(c.Name, c.Type, c.MissingCount > 0));
        return new TrainingSet(Features.With(columns), new Schema([.. Inputs, .. added]), _target, Description, _weights);
    }

    /// <summary>The same rows and target with only the named features, in that order.</summary>
    /// <exception cref="KeyNotFoundException">One does not exist.</exception>
    public TrainingSet Select(IReadOnlyList<string> features) => new(
        Features.Select(features), new Schema(features.Select(name => Inputs[name])), _target, Description, _weights);

    /// <summary>Makes a set of a table.</summary>
    /// <param name="table">The data.</param>
    /// <param name="target">
    /// The target's column: numeric, integer or boolean for regression; categorical, text, integer, boolean or
    /// whole-numbered numeric for classification; for recommendation the ratings, as for regression, or the item's own
    /// column where nobody rated.
    /// </param>
    /// <param name="task">What is predicted.</param>
    /// <param name="features">The feature columns: numeric, integer, boolean, categorical or free text; for recommendation
    /// the user and the item.</param>
    /// <param name="positiveClass">
    /// The positive class of a binary task; null for the later of the two (ordinal order; by value for numbers; true).
    /// </param>
    /// <param name="classes">
    /// The classes of an earlier set, so that this one's target means the same; null takes them from the data.
    /// </param>
    /// <exception cref="GyreException">
    /// A column is absent or of an unfit type; the target misses values, or its classes do not fit the task.
    /// </exception>
    public static TrainingSet Create(
        Table table,
        string target,
        TaskKind task,
        IReadOnlyList<string> features,
        string? positiveClass = null,
        IReadOnlyList<string>? classes = null)
    {
        if (!table.TryGet(target, out var column))
            throw GyreException.Invalid($"There is no target column '{target}'.");
        if (table.RowCount == 0) throw GyreException.Invalid("The training table has no rows.");
        var selected = FeatureCheck.Select(table, target, features, task);
        if (task == TaskKind.Recommendation && features.Count == 2 && target == features[1])
            return Implicit(selected, column);
        var (values, description) = TargetEncoder.Encode(column, task, positiveClass, classes);
        return new TrainingSet(selected, selected.Schema, values, description);
    }

    /// <summary>Nobody rated: that a user had an item is all that is known of a row.</summary>
    private static TrainingSet Implicit(Table features, Column item)
    {
        var none = new double[features.RowCount];
        none.AsSpan().Fill(double.NaN);
        var description = new TargetDescription(item.Name, item.Type, TaskKind.Recommendation, []);
        return new TrainingSet(features, features.Schema, none, description);
    }
}
