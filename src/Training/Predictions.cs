using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>What a model says about rows. Immutable by convention: the maker of the array gives it away. Thread-safe
/// to read.</summary>
public sealed class Predictions
{
    private readonly double[] _values;

    /// <summary>Creates predictions over an array that they keep.</summary>
    /// <param name="task">What is predicted.</param>
    /// <param name="outputs">Numbers per row: see <see cref="TaskKinds.OutputsOf"/>.</param>
    /// <param name="values">Row-major, rows × outputs.</param>
    /// <exception cref="ArgumentException">The length is not a multiple of the outputs, or the outputs do not fit the
    /// task.</exception>
    public Predictions(TaskKind task, int outputs, double[] values)
    {
        if (task == TaskKind.Multiclass ? outputs < 2 : outputs != task.OutputsOf(0))
            throw new ArgumentException($"A {task} task does not have {outputs} outputs.", nameof(outputs));
        if (values.Length % outputs != 0)
            throw new ArgumentException($"{values.Length} numbers do not make rows of {outputs}.", nameof(values));
        (Task, Outputs, _values) = (task, outputs, values);
    }

    /// <summary>What is predicted.</summary>
    public TaskKind Task { get; }

    /// <summary>Numbers per row.</summary>
    public int Outputs { get; }

    /// <summary>The probability from which on a binary task's rows are called positive, 0 to 1.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>The number of rows.</summary>
    public int Rows => _values.Length / Outputs;

    /// <summary>
    /// Row-major, rows × outputs: the value (regression), the probability of the positive class (binary), the
    /// probability of each class in class order (multiclass; each row sums to 1), or the three numbers of
    /// <see cref="TaskKinds.RecommendationOutputs"/>.
    /// </summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>
    /// The class of the highest probability, as a position in the classes; for binary tasks 1 when the positive class
    /// has <see cref="Threshold"/> or more. The first wins a tie.
    /// </summary>
    /// <exception cref="InvalidOperationException">The task has no classes.</exception>
    public int ClassAt(int row)
    {
        if (!Task.HasClasses()) throw new InvalidOperationException($"A {Task} has no classes.");
        if (Outputs == 1) return _values[row] >= Threshold ? 1 : 0;
        var best = 0;
        for (var k = 1; k < Outputs; k++)
        {
            if (_values[(row * Outputs) + k] > _values[(row * Outputs) + best]) best = k;
        }

        return best;
    }

    /// <summary>The rows at the given positions, in that order.</summary>
    public Predictions Take(ReadOnlySpan<int> rows)
    {
        var values = new double[rows.Length * Outputs];
        for (var i = 0; i < rows.Length; i++)
            _values.AsSpan(rows[i] * Outputs, Outputs).CopyTo(values.AsSpan(i * Outputs));
        return new Predictions(Task, Outputs, values) { Threshold = Threshold };
    }
}
