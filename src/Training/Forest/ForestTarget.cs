using Gyre.Tabular;

namespace Gyre.Training.Forest;

/// <summary>
/// What trees of a forest learn, as numbers whose means leaves keep: one for regression (the target less its mean, so
/// that sums of squares keep their digits) and for two classes (0 or 1), one per class for more. The fall of their
/// squared error is that of the variance, or of half the Gini impurity.
/// </summary>
internal sealed class ForestTarget
{
    private readonly double[] _values;

    public ForestTarget(TrainingSet set)
    {
        Outputs = set.Description.Outputs;
        _values = set.Target.ToArray();
        if (set.Task != TaskKind.Regression) return;
        var mean = 0.0;
        for (var i = 0; i < _values.Length; i++) mean += (_values[i] - mean) / (i + 1);
        Offset = mean;
        for (var i = 0; i < _values.Length; i++) _values[i] -= mean;
    }

    /// <summary>Means per leaf.</summary>
    public int Outputs { get; }

    /// <summary>To be added to a leaf's mean.</summary>
    public double Offset { get; }

    /// <summary>The sums of a bin or node: weight, rows, then one per output.</summary>
    public int Stride => Outputs + 2;

    /// <summary>Adds a row to sums.</summary>
    public void Add(Span<double> sums, int row, double weight)
    {
        sums[0] += weight;
        sums[1]++;
        if (Outputs == 1) sums[2] += weight * _values[row];
        else sums[2 + (int)_values[row]] += weight;
    }

    /// <summary>Whether all rows have the same target.</summary>
    public bool IsPure(ReadOnlySpan<int> rows)
    {
        var first = _values[rows[0]];
        foreach (var row in rows)
        {
            if (_values[row] != first) return false;
        }

        return true;
    }

    /// <summary>Σ s² / w over the outputs: the higher, the less squared error is left.</summary>
    public static double Score(ReadOnlySpan<double> sums)
    {
        var squares = 0.0;
        foreach (var s in sums[2..]) squares += s * s;
        return squares / sums[0];
    }
}
