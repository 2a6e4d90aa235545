using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Training.Boosting;
using Gyre.Training.Recommendation;

namespace Gyre.Training;

/// <summary>
/// Factors of what users had, by alternating least squares over all pairs of user and item (Hu, Koren and Volinsky
/// 2008),
/// in the parametrization of Rendle and others (2022): a pair that was seen counts 1 (or its weight) with target 1,
/// every pair
/// counts <see cref="ImplicitAlsOptions.UnseenWeight"/> with target 0. Each user and item is solved by a few steps of
/// conjugate gradients from where the last iteration left it (Takács, Pilászy and Tikk 2011), so that an iteration
/// costs no
/// more than the pairs that were seen. Ratings, where there are any, do not change the ranking; they are predicted by
/// damped biases.
/// </summary>
public sealed class ImplicitAlsTrainer : ITrainer
{
    internal const string TrainerName = "ials";

    private readonly ImplicitAlsOptions _options;

    /// <summary>Creates a trainer; null takes the defaults.</summary>
    public ImplicitAlsTrainer(ImplicitAlsOptions? options = null)
    {
        _options = options ?? new ImplicitAlsOptions();
        Parameters = _options.ToParameters();
    }

    /// <inheritdoc/>
    public string Name => TrainerName;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    /// <inheritdoc/>
    public ImmutableArray<ColumnType> FeatureTypes => IdText.Types;

    /// <inheritdoc/>
    public bool Serves(TaskKind task) => task == TaskKind.Recommendation;

    /// <inheritdoc/>
    public long EstimateMemory(TrainingSet set) => RecommenderOptions.EstimateMemory(set, _options.Factors);

    /// <inheritdoc/>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        TrainingGuard.Check(this, train, context);
        var data = Interactions.Of(train);
        var users = FactorStart.Random(data.ByUser.Owners, _options.Factors, context.Seed, stream: 1);
        var items = FactorStart.Random(data.ByItem.Owners, _options.Factors, context.Seed, stream: 2);
        var workers = new Workers(context.Threads);
        for (var step = 1; step <= _options.Iterations; step++)
        {
            Solve(users, items, data.ByUser, data.ByItem.Owners, workers, context);
            Solve(items, users, data.ByItem, data.ByUser.Owners, workers, context);
            context.Progress?.Report(new TrainingProgress(Name, step, _options.Iterations, null));
        }

        var ranking = RecommenderBuilder.Scores(_options.Factors, users, items, RecommenderBuilder.Popularity(data));
        var ratings = data.IsImplicit
            ? null : RecommenderBuilder.Scores(Biases.Fit(data, _options.UserDamping, _options.ItemDamping));
        return RecommenderBuilder.Build(train, data, ranking, ratings, _options.Top);
    }

    /// <summary>Every owner on its own: the order, and so the number of threads, does not matter.</summary>
    private void Solve(
        double[] own, double[] others, Links links, int otherCount, Workers workers, TrainingContext context)
    {
        var factors = _options.Factors;
        var gram = GramMatrix.Of(others, factors, _options.UnseenWeight, workers, context.CancellationToken);
        workers.RunRanges(links.Owners, 256, (from, to) =>
        {
            var solver = new ImplicitSolver(gram, others, factors);
            for (var owner = from; owner < to; owner++)
            {
                if ((owner & 63) == 0) context.CancellationToken.ThrowIfCancellationRequested();
                var (start, count) = (links.Starts[owner], links.CountOf(owner));
                var weights = links.Weights.AsSpan(start, count);
                var ridge = Ridge(weights, otherCount);
                solver.Solve(
                    own.AsSpan(owner * factors, factors), links.Others.AsSpan(start, count), weights, ridge,
                    _options.Steps);
            }
        });
    }

    private double Ridge(ReadOnlySpan<double> weights, int otherCount)
    {
        var pairs = _options.UnseenWeight * otherCount;
        foreach (var weight in weights) pairs += weight;
        return _options.Regularization * Math.Pow(pairs, _options.FrequencyScaling);
    }
}
