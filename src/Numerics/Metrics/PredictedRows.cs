namespace Gyre.Numerics;

/// <summary>Predictions as plain numbers, row-major, rows × outputs.</summary>
internal readonly ref struct PredictedRows(ReadOnlySpan<double> values, int outputs, double threshold = 0.5)
{
    public ReadOnlySpan<double> Values { get; } = values;

    public int Outputs { get; } = outputs;

    /// <summary>The first number of every row.</summary>
    public PredictedRows First()
    {
        var first = new double[Values.Length / Outputs];
        for (var row = 0; row < first.Length; row++) first[row] = Values[row * Outputs];
        return new PredictedRows(first, 1);
    }

    /// <summary>
    /// The class of the highest probability, the first of equals; of two classes class 1 from the threshold on.
    /// </summary>
    public int ClassAt(int row)
    {
        if (Outputs == 1) return Values[row] >= threshold ? 1 : 0;
        var best = 0;
        for (var k = 1; k < Outputs; k++)
        {
            if (Values[(row * Outputs) + k] > Values[(row * Outputs) + best]) best = k;
        }

        return best;
    }
}
