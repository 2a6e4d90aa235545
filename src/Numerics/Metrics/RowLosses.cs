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

    /// <summary>Prediction − target.</summary>
    public static double[] Errors(ReadOnlySpan<double> target, PredictedRows predictions)
    {
        var errors = new double[target.Length];
        for (var i = 0; i < errors.Length; i++) errors[i] = predictions.Values[i] - target[i];
        return errors;
    }

    /// <summary>|error| / |target|; undefined where the target is 0.</summary>
    public static double[] RelativeAbsolute(ReadOnlySpan<double> target, PredictedRows predictions)
    {
        var losses = Absolute(target, predictions);
        for (var i = 0; i < losses.Length; i++) losses[i] = target[i] == 0 ? double.NaN : losses[i] / Math.Abs(target[i]);
        return losses;
    }

    /// <summary>2 (y ln(y / p) − y + p); undefined where p is not above 0 or y is below 0.</summary>
    public static double[] Poisson(ReadOnlySpan<double> target, PredictedRows predictions)
    {
        var losses = new double[target.Length];
        for (var i = 0; i < losses.Length; i++)
        {
            var (y, p) = (target[i], predictions.Values[i]);
            losses[i] = p > 0 && y >= 0 ? 2 * ((y > 0 ? y * Math.Log(y / p) : 0) - y + p) : double.NaN;
        }

        return losses;
    }

    /// <summary>1 where the row's class is among the most likely ones; the first of equals comes first.</summary>
    public static double[] AmongFirst(int places, ReadOnlySpan<double> target, PredictedRows predictions)
    {
        var hits = new double[target.Length];
        for (var i = 0; i < hits.Length; i++)
        {
            var row = predictions.Values.Slice(i * predictions.Outputs, predictions.Outputs);
            var (actual, before) = ((int)target[i], 0);
            for (var k = 0; k < row.Length; k++)
                before += row[k] > row[actual] || (k < actual && row[k] == row[actual]) ? 1 : 0;
            hits[i] = before < places ? 1 : 0;
        }

        return hits;
    }

    private static double Square(double value) => value * value;
}
