using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// The Brier score of a binary task taken apart (Murphy 1973): score = reliability − resolution + uncertainty, exact when
/// rows are grouped by equal predictions; by bins the mean within a bin stands for its rows.
/// </summary>
/// <param name="Reliability">How far probabilities lie from what came true; 0 is best.</param>
/// <param name="Resolution">How far the groups' outcomes lie from the overall share; more is better.</param>
/// <param name="Uncertainty">The score of always predicting the overall share: the data's, not the model's.</param>
public sealed record BrierDecomposition(double Reliability, double Resolution, double Uncertainty)
{
    /// <summary>Reliability − resolution + uncertainty.</summary>
    public double Score => Reliability - Resolution + Uncertainty;

    /// <summary>Takes the score apart.</summary>
    /// <param name="target">One per row: 1 for the positive class.</param>
    /// <param name="predictions">One row per target, of a binary task.</param>
    /// <param name="bins">Groups of equal stretches of probability; 0 groups equal predictions.</param>
    /// <exception cref="ArgumentException">The task is not binary, or the numbers of rows differ.</exception>
    public static BrierDecomposition Of(ReadOnlySpan<double> target, Predictions predictions, int bins = 10)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        if (predictions.Task != TaskKind.Binary)
            throw new ArgumentException("The decomposition is of binary tasks.", nameof(predictions));
        if (target.Length != predictions.Rows)
            throw new ArgumentException($"{target.Length} targets, {predictions.Rows} predictions.", nameof(target));
        var groups = new Dictionary<double, (double Predicted, double Came, int Rows)>();
        var overall = 0.0;
        for (var i = 0; i < target.Length; i++)
        {
            var p = predictions.Values[i];
            var key = bins == 0 ? p : Math.Min(Math.Floor(p * bins), bins - 1);
            var group = groups.GetValueOrDefault(key);
            groups[key] = (group.Predicted + p, group.Came + target[i], group.Rows + 1);
            overall += target[i] / target.Length;
        }

        double reliability = 0, resolution = 0;
        foreach (var (predicted, came, rows) in groups.Values)
        {
            var (mean, share) = (predicted / rows, came / rows);
            reliability += rows * (mean - share) * (mean - share) / target.Length;
            resolution += rows * (share - overall) * (share - overall) / target.Length;
        }

        return new BrierDecomposition(reliability, resolution, overall * (1 - overall));
    }
}
