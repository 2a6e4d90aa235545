using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;
using Gyre.Training.Boosting;
using Gyre.Training.Recommendation;

namespace Gyre.Training;

/// <summary>
/// Factors of ratings by alternating least squares (Koren, Bell and Volinsky 2009) on what damped biases leave: ridge
/// regressions of each user on the items' factors, then of each item on the users', solved exactly. The regularization
/// grows with the number of ratings (Zhou and others 2008) from a damping on, so that who rated little is told by
/// biases
/// alone. Without ratings it cannot learn: see <see cref="ImplicitAlsTrainer"/>.
/// </summary>
public sealed class AlsTrainer : ITrainer
{
    internal const string TrainerName = "als";

    private readonly AlsOptions _options;

    /// <summary>Creates a trainer; null takes the defaults.</summary>
    public AlsTrainer(AlsOptions? options = null)
    {
        _options = options ?? new AlsOptions();
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
        RatingCheck.Require(data, this);
        var biases = Biases.Fit(data, _options.UserDamping, _options.ItemDamping);
        if (_options.Factors == 0)
        {
            var alone = RecommenderBuilder.Scores(biases);
            return RecommenderBuilder.Build(train, data, alone, alone, _options.Top);
        }

        var (users, items) = Factorize(data, biases, context);
        var scores = RecommenderBuilder.Scores(biases, _options.Factors, users, items);
        return RecommenderBuilder.Build(train, data, scores, scores, _options.Top);
    }

    private (double[] Users, double[] Items) Factorize(Interactions data, Biases biases, TrainingContext context)
    {
        var users = new double[data.ByUser.Owners * _options.Factors];
        var items = FactorStart.Random(data.ByItem.Owners, _options.Factors, context.Seed);
        var workers = new Workers(context.Threads);
        for (var step = 1; step <= _options.Iterations; step++)
        {
            Solve(users, items, data.ByUser, (user, item) => biases.Of(user, item), workers, context);
            Solve(items, users, data.ByItem, (item, user) => biases.Of(user, item), workers, context);
            context.Progress?.Report(new TrainingProgress(Name, step, _options.Iterations, null));
        }

        return (users, items);
    }

    /// <summary>Every owner on its own: the order, and so the number of threads, does not matter.</summary>
    private void Solve(
        double[] own, double[] others, Links links, Func<int, int, double> expected, Workers workers,
        TrainingContext context)
    {
        var factors = _options.Factors;
        workers.RunRanges(links.Owners, 256, (from, to) =>
        {
            var matrix = new double[factors * factors];
            for (var owner = from; owner < to; owner++)
            {
                if ((owner & 255) == 0) context.CancellationToken.ThrowIfCancellationRequested();
                SolveOne(owner, own.AsSpan(owner * factors, factors), matrix, others, links, expected);
            }
        });
    }

    private void SolveOne(
        int owner, Span<double> own, double[] matrix, double[] others, Links links, Func<int, int, double> expected)
    {
        var factors = own.Length;
        Array.Clear(matrix);
        own.Clear();
        var weights = 0.0;
        for (var k = links.Starts[owner]; k < links.Starts[owner + 1]; k++)
        {
            var (weight, other) = (links.Weights[k], links.Others[k]);
            var row = others.AsSpan(other * factors, factors);
            VectorMath.AddScaled(own, weight * (links.Values[k] - expected(owner, other)), row);
            for (var f = 0; f < factors; f++)
                VectorMath.AddScaled(matrix.AsSpan(f * factors, f + 1), weight * row[f], row[..(f + 1)]);
            weights += weight;
        }

        var ridge = (_options.Regularization * weights) + _options.FactorDamping;
        for (var f = 0; f < factors; f++) matrix[(f * factors) + f] += ridge;
        if (!Cholesky.TrySolve(matrix, own)) own.Clear();
    }
}
