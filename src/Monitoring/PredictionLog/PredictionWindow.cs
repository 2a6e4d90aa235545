using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>Logged predictions of a window, in order of their requests. Immutable.</summary>
public sealed class PredictionWindow
{
    private readonly double[] _predicted;
    private readonly double[] _actual;

    internal PredictionWindow(
        TaskKind task, ImmutableArray<string> classes, Table inputs, PredictionRows rows, long unreadableValues)
    {
        (Task, Classes, Inputs, UnreadableValues) = (task, classes, inputs, unreadableValues);
        (_predicted, _actual) = ([.. rows.Predicted], [.. rows.Actual]);
        (Ids, Versions, RequestedAt) = ([.. rows.Ids], [.. rows.Versions], [.. rows.RequestedAt]);
        UnknownActuals = rows.UnknownActuals;
        Known = _actual.Count(value => !double.IsNaN(value));
    }

    /// <summary>What is predicted.</summary>
    public TaskKind Task { get; }

    /// <summary>The classes in the model's order; empty for regression.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>The inputs, by the schema that was asked for; absent values are missing.</summary>
    public Table Inputs { get; }

    /// <summary>The number of predictions.</summary>
    public int Rows => Ids.Length;

    /// <summary>How many of them have a known actual value.</summary>
    public int Known { get; }

    /// <summary>
    /// Numbers per row in <see cref="Predicted"/>; see <see cref="TaskKinds.OutputsOf"/>.
    /// </summary>
    public int Outputs => Task.OutputsOf(Classes.Length);

    /// <summary>
    /// Row-major, <see cref="Rows"/> × <see cref="Outputs"/>: the value, the probability of the positive class (the
    /// second), or
    /// the probability of each class; NaN where the log does not say.
    /// </summary>
    public ReadOnlySpan<double> Predicted => _predicted;

    /// <summary>
    /// One per row: the actual value or the position of the actual class; NaN where it is not known (yet).
    /// </summary>
    public ReadOnlySpan<double> Actual => _actual;

    /// <summary>The prediction ids.</summary>
    public ImmutableArray<string> Ids { get; }

    /// <summary>The model version that made each prediction.</summary>
    public ImmutableArray<int> Versions { get; }

    /// <summary>When each was asked for, in milliseconds since 1970 UTC.</summary>
    public ImmutableArray<long> RequestedAt { get; }

    /// <summary>Input values that did not fit the schema's type and were read as missing.</summary>
    public long UnreadableValues { get; }

    /// <summary>Actual values that are no number (regression) or none of the classes, and were left out.</summary>
    public int UnknownActuals { get; }

    /// <summary>The predictions in the form that is profiled.</summary>
    public Column PredictionColumn => Monitoring.PredictionColumn.Create(Task, Classes, _predicted);
}

/// <summary>The parts of a window while it is read.</summary>
internal sealed class PredictionRows
{
    public List<string> Ids { get; } = [];

    public List<int> Versions { get; } = [];

    public List<long> RequestedAt { get; } = [];

    public List<double> Predicted { get; } = [];

    public List<double> Actual { get; } = [];

    public int UnknownActuals { get; set; }
}
