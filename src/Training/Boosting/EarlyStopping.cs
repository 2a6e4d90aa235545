using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Boosting;

/// <summary>
/// Watches rows that are not learned from: after which round what is watched was best, and whether it has not improved
/// for too long. Watches the mean loss, weighted as the rows are, or a metric of the task, in which each row counts
/// once.
/// </summary>
internal sealed class EarlyStopping
{
    public const string LossName = "loss";

    private readonly WatchedRows _rows;
    private readonly BoostingLoss _loss;
    private readonly BoostingOptions _options;
    private readonly bool _higherIsBetter;
    private double _best;

    /// <exception cref="GyreException">The metric is not one of the task, or not defined for the rows.</exception>
    public EarlyStopping(WatchedRows rows, BoostingLoss loss, BoostingOptions options)
    {
        (_rows, _loss, _options) = (rows, loss, options);
        if (options.EarlyStoppingMetric is { } metric)
        {
            if (!Metrics.All(rows.Task).Contains(metric))
                throw Refuse($"'{metric}' is not one of {string.Join(", ", Metrics.All(rows.Task))}");
            _higherIsBetter = Metrics.HigherIsBetter(metric);
        }

        _best = Value();
        if (double.IsNaN(_best)) throw Refuse($"'{options.EarlyStoppingMetric}' is not defined for the rows set aside");
    }

    /// <summary>What may be watched.</summary>
    public static ImmutableArray<string> Names { get; } =
        [LossName, .. Metrics.All(TaskKind.Regression), .. Metrics.All(TaskKind.Multiclass)];

    /// <summary>The round after which it was best; 0 when none improved it.</summary>
    public int BestRound { get; private set; }

    /// <summary>Adds a round's trees; returns the value after it.</summary>
    public double Add(GrownTree[] trees, int round, Workers workers)
    {
        for (var k = 0; k < trees.Length; k++) _rows.Add(trees[k], k, workers);
        var value = Value();
        if (_higherIsBetter ? value > _best : value < _best) (BestRound, _best) = (round, value);
        return value;
    }

    public bool HasEnded(int round) => round - BestRound >= _options.EarlyStoppingRounds;

    private double Value() => _options.EarlyStoppingMetric is { } metric
        ? Metrics.Compute(metric, _rows.Target, _rows.Predict(_loss.Link))
        : _rows.MeanLoss(_loss);

    private static GyreException Refuse(string reason) =>
        GyreException.Invalid($"Trainer '{BoostingTrainer.TrainerName}', option 'early_stopping_metric': {reason}.");
}
