using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Recommendation;

namespace Gyre.Training;

/// <summary>
/// Mean, biases and factors of ratings, all learnt together by stochastic gradient descent (Funk 2006; Koren, Bell and
/// Volinsky 2009), one rating after the other in an order drawn anew for each pass: one thread, whatever the context
/// allows.
/// </summary>
public sealed class BiasedSgdTrainer : ITrainer
{
    internal const string TrainerName = "biased_sgd";

    private readonly BiasedSgdOptions _options;

    /// <summary>Creates a trainer; null takes the defaults.</summary>
    public BiasedSgdTrainer(BiasedSgdOptions? options = null)
    {
        _options = options ?? new BiasedSgdOptions();
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
        var biases = new Biases(data.Mean, new double[data.ByUser.Owners + 1], new double[data.ByItem.Owners + 1]);
        var users = FactorStart.Random(data.ByUser.Owners, _options.Factors, context.Seed, stream: 1);
        var items = FactorStart.Random(data.ByItem.Owners, _options.Factors, context.Seed, stream: 2);
        Descend(data, biases, users, items, context);
        if (users.Concat(items).Concat(biases.Users).Any(value => !double.IsFinite(value)))
            throw GyreException.Invalid(
                $"Trainer '{Name}' diverged at a learning rate of {_options.LearningRate}; take a lower one.");
        var scores = RecommenderBuilder.Scores(biases, _options.Factors, users, items);
        return RecommenderBuilder.Build(train, data, scores, scores, _options.Top);
    }

    private void Descend(Interactions data, Biases biases, double[] users, double[] items, TrainingContext context)
    {
        var owner = new int[data.Count];
        for (var user = 0; user < data.ByUser.Owners; user++)
            owner.AsSpan(data.ByUser.Starts[user], data.ByUser.CountOf(user)).Fill(user);
        var random = SeededRandom.ForStream(context.Seed, 3);
        var order = random.Permutation(owner.Length);
        for (var epoch = 0; epoch < _options.Epochs; epoch++)
        {
            random.Shuffle(order.AsSpan());
            var rate = _options.LearningRate * Math.Pow(0.1, (double)epoch / Math.Max(1, _options.Epochs - 1));
            var loss = 0.0;
            for (var n = 0; n < order.Length; n++)
            {
                if ((n & 0xFFFF) == 0) context.CancellationToken.ThrowIfCancellationRequested();
                var k = order[n];
                var error = Step(data.ByUser, k, owner[k], rate, biases, users, items);
                loss += data.ByUser.Weights[k] * error * error;
            }

            context.Progress?.Report(
                new TrainingProgress(Name, epoch + 1, _options.Epochs, loss / data.ByUser.Weights.Sum()));
        }
    }

    /// <summary>One rating's step; returns its error before it.</summary>
    private double Step(Links ratings, int k, int user, double rate, Biases biases, double[] users, double[] items)
    {
        var item = ratings.Others[k];
        var p = users.AsSpan(user * _options.Factors, _options.Factors);
        var q = items.AsSpan(item * _options.Factors, _options.Factors);
        var error = ratings.Values[k] - biases.Of(user, item) - VectorMath.Dot(p, q);
        var step = rate * ratings.Weights[k];
        biases.Users[user] += step * (error - (_options.Regularization * biases.Users[user]));
        biases.Items[item] += step * (error - (_options.Regularization * biases.Items[item]));
        for (var f = 0; f < p.Length; f++)
        {
            var (a, b) = (p[f], q[f]);
            p[f] += step * ((error * b) - (_options.Regularization * a));
            q[f] += step * ((error * a) - (_options.Regularization * b));
        }

        return error;
    }
}
