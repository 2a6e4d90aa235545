namespace Gyre.Numerics;

/// <summary>One number per row, whose mean is a metric.</summary>
internal static class RowLosses
{
    /// <summary>
    /// Probabilities are kept this far from 0 and 1, so that one sure mistake does not make a mean infinite.
    /// </summary>
    private const double Clip = 1e-15;

    public static double[] Squared(ReadOnlySpan<double> target, PredictedRows predictions)
    {
        var losses = new double[target.Length];
        for (var i = 0; i < losses.Length; i++) losses[i] = Square(predictions.Values[i] - target[i]);
        return losses;
    }

    public static double[] Absolute(ReadOnlySpan<double> target, PredictedRows predictions)
    {
        var losses = new double[target.Length];
        for (var i = 0; i < losses.Length; i++) losses[i] = Math.Abs(predictions.Values[i] - target[i]);
        return losses;
    }

    public static double[] Log(ReadOnlySpan<double> target, PredictedRows predictions)
    {
        var losses = new double[target.Length];
        for (var i = 0; i < losses.Length; i++)
        {
            var p = predictions.Outputs > 1
                ? predictions.Values[(i * predictions.Outputs) + (int)target[i]]
                : target[i] == 1 ? predictions.Values[i] : 1 - predictions.Values[i];
            losses[i] = -Math.Log(Math.Clamp(p, Clip, 1 - Clip));
        }

        return losses;
    }

    public static double[] Hit(ReadOnlySpan<double> target, PredictedRows predictions)
    {
        var hits = new double[target.Length];
        for (var i = 0; i < hits.Length; i++) hits[i] = predictions.ClassAt(i) == (int)target[i] ? 1 : 0;
        return hits;
    }

    public static double[] Brier(ReadOnlySpan<double> target, PredictedRows predictions)
    {
        if (predictions.Outputs == 1) return Squared(target, predictions);
        var losses = new double[target.Length];
        for (var i = 0; i < losses.Length; i++)
        {
            var row = predictions.Values.Slice(i * predictions.Outputs, predictions.Outputs);
            for (var k = 0; k < row.Length; k++) losses[i] += Square(row[k] - (k == (int)target[i] ? 1 : 0));
        }

        return losses;
    }

    private static double Square(double value) => value * value;
}
