using System.Collections.Immutable;

namespace Gyre.Models;

/// <summary>What every column added to every row's score: base value + Σ contributions = score, to rounding.
/// Immutable.</summary>
public sealed class Contributions
{
    private readonly double[] _values;

    internal Contributions(
        int rows, ImmutableArray<double> baseValues, ImmutableArray<ExplainedColumn> columns, double[] values) =>
        (Rows, BaseValues, Columns, _values) = (rows, baseValues, columns, values);

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>Scores per row: 1, or the number of classes when there are more than two.</summary>
    public int Outputs => BaseValues.Length;

    /// <summary>One per output: the mean score, where contributions start.</summary>
    public ImmutableArray<double> BaseValues { get; }

    /// <summary>What the contributions belong to.</summary>
    public ImmutableArray<ExplainedColumn> Columns { get; }

    /// <summary>The columns' contributions to one score of one row.</summary>
    public ReadOnlySpan<double> Of(int row, int output = 0) =>
        _values.AsSpan(((row * Outputs) + output) * Columns.Length, Columns.Length);

    /// <summary>The score that the contributions add up to, before the link and any calibration.</summary>
    public double Score(int row, int output = 0)
    {
        var score = BaseValues[output];
        foreach (var contribution in Of(row, output)) score += contribution;
        return score;
    }
}
