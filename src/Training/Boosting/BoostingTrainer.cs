using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;
using Gyre.Training.Boosting;

namespace Gyre.Training;

/// <summary>
/// Histogram gradient boosting (Friedman 2001; histograms, second-order gains and learned directions of missing values
/// as in XGBoost 2016, best-first growth as in LightGBM 2017) for regression, binary and multiclass tasks. Missing
/// values and categories are handled natively. The same set, seed and thread count give the same model.
/// </summary>
public sealed class BoostingTrainer : ITrainer
{
    internal const string TrainerName = "boosting";

    /// <summary>Fewer rows are not parted for early stopping: the few set aside would say nothing.</summary>
    private const int LeastRowsToHoldOut = 100;

    private const int MaxCategories = 255;

    private readonly BoostingOptions _options;

    /// <summary>Creates a trainer; null takes the defaults.</summary>
    public BoostingTrainer(BoostingOptions? options = null)
    {
        _options = options ?? new BoostingOptions();
        Parameters = _options.ToParameters();
    }

    /// <inheritdoc/>
    public string Name => TrainerName;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    /// <inheritdoc/>
    public ImmutableArray<ColumnType> FeatureTypes => TrainingGuard.WithText;

    /// <summary>
    /// A feature's float32 while it is binned and two bytes a row after; scores, gradients and targets; the row numbers of a
    /// tree; the histograms of all leaves of the trees that grow side by side; and what choosing bins leaves behind.
    /// </summary>
    public long EstimateMemory(TrainingSet set)
    {
        const long sampledRows = 200_000, bytesPerSample = 12;
        var text = TextMemory.Of(set, _options.Text);
        long rows = set.RowCount, features = set.Features.Columns.Count + text.Terms;
        long outputs = set.Description.Outputs, sideBySide = Math.Min(outputs, Environment.ProcessorCount);
        var bins = features * Math.Min(_options.MaxBins + 1, rows + 1);
        return (6 * rows * features) + (16 * rows * outputs) + (16 * rows) + (8 * rows * sideBySide)
            + (2 * sizeof(double) * bins * Math.Min(_options.MaxLeaves, rows) * sideBySide)
            + (features * Math.Min(rows, sampledRows) * bytesPerSample) + text.Bytes;
    }

    /// <inheritdoc/>
    public ITrainer Settled(FittedPipeline trained) => trained.Model is BoostedTreesModel model
        ? new BoostingTrainer(_options with
        {
            Rounds = Math.Max(1, model.Trees.Length / model.BaseScores.Length), ValidationShare = 0,
        })
        : this;

    /// <inheritdoc/>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        if (validation is not null
            && (validation.Task != train.Task || !validation.Classes.SequenceEqual(train.Classes)))
            throw new ArgumentException("The validation rows have another task or other classes.", nameof(validation));
        TrainingGuard.Check(this, train, context);
        var options = _options.For(train.Task);
        var loss = BoostingLoss.For(options, train);
        var weights = train.Weights.IsEmpty ? null : train.Weights.ToArray();
        var clock = PhaseClock.Start();
        var preprocessing = TreePreprocessing.Fit(
            train, MaxCategories, _options.Text, context.CancellationToken);
        var rules = new GrowthRules(
            options, loss.HasUnitHessian, weights, loss.LargestStep, _options.Monotone.For(train, preprocessing));
        var columns = preprocessing.Encode(train.Features);
        context.CancellationToken.ThrowIfCancellationRequested();
        var bins = BinnedMatrix.Fit(preprocessing, columns, _options.MaxBins, context);
        var matrix = BinnedMatrix.Create(bins, columns, train.RowCount, context);
        PhaseClock.Stop(clock, PhaseClock.Binning);
        var target = train.Target.ToArray();
        var baseScores = loss.BaseScores(target, weights);

        BoostingRun NewRun() => new(matrix, target, baseScores, loss, rules, context);

        var run = NewRun();
        int kept;
        if (Watched(train, validation, context) is not { } watch)
        {
            kept = run.Boost(null, _options.Rounds, null, Report(context, 0, _options.Rounds));
        }
        else if (validation is not null)
        {
            var watched = BinnedMatrix.Create(
                bins, preprocessing.Encode(validation.Features), validation.RowCount, context);
            var stopping = new EarlyStopping(
                new WatchedRows(watched, watch.Test, validation, baseScores), loss, _options);
            kept = run.Boost(null, _options.Rounds, stopping, Report(context, 0, _options.Rounds));
        }
        else
        {
            var stopping = new EarlyStopping(new WatchedRows(matrix, watch.Test, train, baseScores), loss, _options);
            var total = _options.Refit ? 2 * _options.Rounds : _options.Rounds;
            kept = run.Boost(watch.Train, _options.Rounds, stopping, Report(context, 0, total));
            if (_options.Refit)
            {
                var before = run.Rounds.Count;
                run = NewRun();
                kept = run.Boost(null, kept, null, Report(context, before, before + kept));
            }
        }

        return new FittedPipeline(train, preprocessing, ToModel(run, kept, baseScores, bins, loss.Link));
    }

    // Which rows are watched: those given, or a share of the training rows; null when all rounds are to be trained.
    private Split? Watched(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        if (_options.EarlyStoppingRounds == 0) return null;
        if (validation is not null) return new Split([], [.. Enumerable.Range(0, validation.RowCount)]);
        return _options.ValidationShare == 0 || train.RowCount < LeastRowsToHoldOut
            ? null
            : Splitter.Watched(train, _options.ValidationShare, context.Seed);
    }

    private Action<int, double?> Report(TrainingContext context, int before, int total) =>
        (round, loss) => context.Progress?.Report(new TrainingProgress(Name, before + round, total, loss));

    private static BoostedTreesModel ToModel(
        BoostingRun run, int rounds, float[] baseScores, FeatureBins[] bins, OutputLink link)
    {
        var trees = run.Rounds.Take(rounds).SelectMany(round => round.Select((tree, k) => tree.ToTree(k, bins)));
        return new BoostedTreesModel([.. trees], [.. baseScores], link);
    }
}
