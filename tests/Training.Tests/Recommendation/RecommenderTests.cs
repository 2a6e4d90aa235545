using System.Globalization;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Boosting;
using Gyre.Training.Recommendation;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.Recommendation;

public sealed class RecommenderTests
{
    private static readonly System.Text.Json.JsonElement Numpy = GoldenFile.Read("recommenders.json");

    [Fact]
    public void Biases_SmallMatrix_AsNumpy()
    {
        var data = Interactions.Of(NumpyRatings());
        var biases = Biases.Fit(data, Numpy.GetProperty("user_damping").GetDouble(), Numpy.GetProperty("item_damping").GetDouble());

        Assert.Equal(Numpy.GetProperty("mean").GetDouble(), biases.Mean, 12);
        Check(Numpy.Numbers("user_bias"), data.Users, biases.Users);
        Check(Numpy.Numbers("item_bias"), data.Items, biases.Items);

        static void Check(double[] expected, RecommenderColumn ids, double[] actual)
        {
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[ids.CodeOf(i.ToString("D2", CultureInfo.InvariantCulture))], 10);
        }
    }

    [Fact]
    public void ImplicitSolver_AsManyStepsAsFactors_AsNumpySolves()
    {
        var factors = Numpy.GetProperty("factors").GetInt32();
        var q = Numpy.Numbers("q");
        var gram = GramMatrix.Of(q, factors, Numpy.GetProperty("unseen").GetDouble(), new Workers(2), CancellationToken.None);
        var solution = new double[factors];

        new ImplicitSolver(gram, q, factors).Solve(
            solution, [.. Numpy.Numbers("linked").Select(i => (int)i)], Numpy.Numbers("weights"),
            Numpy.GetProperty("ridge").GetDouble(), steps: factors + 2);

        var expected = Numpy.Numbers("p");
        for (var f = 0; f < factors; f++) Assert.Equal(expected[f], solution[f], 10);
    }

    [Theory]
    [InlineData("ndcg_at_10")]
    [InlineData("hr_at_10")]
    [InlineData("map_at_10")]
    public void Metrics_Lists_AsNumpy(string metric)
    {
        var (users, places) = (Numpy.Numbers("list_users"), Numpy.Numbers("list_places"));
        var values = users.Zip(places).SelectMany(row => new[] { 0, row.Second, row.First }).ToArray();
        var predictions = new Predictions(TaskKind.Recommendation, 3, values);

        var value = Metrics.Compute(metric, new double[users.Length], predictions);

        Assert.Equal(Numpy.GetProperty(metric).GetDouble(), value, 12);
    }

    [Fact]
    public void MultiplySymmetric_AnySize_AsScalar()
    {
        foreach (var size in new[] { 1, 7, 32, 64, 70 })
        {
            var random = new Numerics.SeededRandom(5);
            var (matrix, vector) = (new double[size * size], new double[size]);
            for (var i = 0; i < size; i++)
            {
                vector[i] = random.NextNormal();
                for (var j = 0; j <= i; j++) matrix[(i * size) + j] = matrix[(j * size) + i] = random.NextNormal();
            }

            var result = new double[size];
            VectorKernel.MultiplySymmetric(matrix, vector, result);

            for (var i = 0; i < size; i++)
                Assert.Equal(Enumerable.Range(0, size).Sum(j => matrix[(i * size) + j] * vector[j]), result[i], 10);
        }
    }

    [Fact]
    public void Als_LastHalfStep_SolvesTheNormalEquations()
    {
        var options = new AlsOptions { Factors = 3, Iterations = 4, Regularization = 0.1, FactorDamping = 0.5 };
        var pipeline = new AlsTrainer(options).Train(NumpyRatings(), null, new TrainingContext());
        var (data, scores) = (Interactions.Of(NumpyRatings()), ((RecommenderModel)pipeline.Model).Ranking);
        Assert.Contains(scores.ItemFactors, f => Math.Abs(f) > 0.1);
        for (var item = 0; item < data.ByItem.Owners; item++)
        {
            var ridge = options.FactorDamping + (options.Regularization * data.ByItem.CountOf(item));
            for (var f = 0; f < 3; f++)
            {
                var slope = -ridge * scores.ItemFactors[(item * 3) + f];
                for (var k = data.ByItem.Starts[item]; k < data.ByItem.Starts[item + 1]; k++)
                {
                    var user = data.ByItem.Others[k];
                    slope += (data.ByItem.Values[k] - scores.Score(user, item)) * scores.UserFactors[(user * 3) + f];
                }

                Assert.Equal(0, slope, 3e-5); // factors are float32
            }
        }
    }

    [Theory]
    [InlineData("popularity")]
    [InlineData("als")]
    [InlineData("biased_sgd")]
    [InlineData("ials")]
    public void Train_OtherThreads_SameModel(string trainer)
    {
        var set = NumpyRatings();
        var once = Train(trainer, set, threads: 1);
        Assert.Equal(Parameters(once), Parameters(Train(trainer, set, threads: 4)));
        Assert.Equal(Parameters(once), Parameters(Train(trainer, set, threads: 1)));
    }

    [Theory]
    [InlineData("als")]
    [InlineData("biased_sgd")]
    [InlineData("ials")]
    public void Train_Cancelled_Stops(string trainer)
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => TrainerFactory
            .Create(trainer, new Dictionary<string, string>(), TaskKind.Recommendation)
            .Train(NumpyRatings(), null, new TrainingContext(CancellationToken: source.Token)));
    }

    [Fact]
    public void Train_SameUserAndItemTwice_MeanOfRatings()
    {
        var twice = Set([("a", "x", 4), ("a", "x", 8), ("b", "y", 6), ("b", "x", 6)]);
        var data = Interactions.Of(twice);
        Assert.Equal(3, data.Count);
        Assert.Equal([6.0], data.ByUser.Values.AsSpan(0, 1).ToArray());
        Assert.Equal([2.0], data.ByUser.Weights.AsSpan(0, 1).ToArray());
    }

    [Fact]
    public void Recommend_UnknownUserAndItem_FallBackToBiases()
    {
        var pipeline = Train("als", NumpyRatings(), threads: 1);
        var model = (RecommenderModel)pipeline.Model;
        var rows = Set([("nobody", "03", 5), ("04", "nothing", 5)]).Features;

        var lists = model.Recommend((RecommenderPreprocessing)pipeline.Preprocessing, rows);

        var items = (RecommenderPreprocessing)pipeline.Preprocessing;
        Assert.Equal(model.Ranking.Base + model.Ranking.ItemBiases[items.Items.CodeOf("03")], lists.Ratings[0], 5);
        Assert.Equal(model.Ranking.Base + model.Ranking.UserBiases[items.Users.CodeOf("04")], lists.Ratings[1], 5);
        var best = Enumerable.Range(0, model.ItemCount).MaxBy(i => model.Ranking.ItemBiases[i]);
        Assert.Equal(items.Items.Ids[best], lists.ItemsOf(0)[0]);
    }

    [Theory]
    [InlineData("als", "item", "learns ratings and the target 'item' is the item itself; use ials")]
    [InlineData("biased_sgd", "item", "name a column of ratings")]
    public void Train_NoRatings_ErrorSaysWhatToUse(string trainer, string target, string message) =>
        Refused(message, () => Train(trainer, TrainingSet.Create(
            Set([("a", "x", 1), ("b", "y", 2)]).Features, target, TaskKind.Recommendation, ["user", "item"]), 1));

    [Fact]
    public void Train_BadRows_ErrorNamesThem()
    {
        Refused("Column 'item' names 1 item", () => Train("ials", Set([("a", "x", 1), ("b", "x", 2)]), 1));
        Refused("Column 'user' has no value in 1 rows (the first is row 2)",
            () => Train("ials", Set([("a", "x", 1), (null, "y", 2)]), 1));
        Refused("Target 'rating' has no value in 1 rows", () => Set([("a", "x", 1), ("b", "y", double.NaN)]));
        Refused("Trainer 'boosting' does not serve task 'recommendation'",
            () => TrainerFactory.Create("boosting", new Dictionary<string, string>(), TaskKind.Recommendation));
        Refused("diverged at a learning rate of 1", () => TrainerFactory.Create("biased_sgd",
            new Dictionary<string, string> { ["learning_rate"] = "1", ["epochs"] = "200" }, TaskKind.Recommendation)
            .Train(Set([.. Enumerable.Range(0, 40).Select(i => ($"u{i % 5}", $"i{i / 5}", 1e6 * i))]), null, new TrainingContext()));
    }

    private static void Refused(string message, Action action) =>
        Assert.Contains(message, Assert.Throws<GyreException>(action).Message, StringComparison.Ordinal);

    private static FittedPipeline Train(string trainer, TrainingSet set, int threads) => TrainerFactory
        .Create(trainer, new Dictionary<string, string>(), TaskKind.Recommendation)
        .Train(set, null, new TrainingContext(Seed: 3, Threads: threads));

    private static float[] Parameters(FittedPipeline pipeline)
    {
        var model = (RecommenderModel)pipeline.Model;
        return [.. model.Ranking.UserFactors, .. model.Ranking.ItemFactors, .. model.Ranking.ItemBiases, .. model.Ratings!.UserBiases];
    }

    private static TrainingSet NumpyRatings()
    {
        var (users, items, ratings) = (Numpy.Numbers("users"), Numpy.Numbers("items"), Numpy.Numbers("ratings"));
        return Set([.. Enumerable.Range(0, users.Length).Select(row => (
            users[row].ToString("00", CultureInfo.InvariantCulture), items[row].ToString("00", CultureInfo.InvariantCulture), ratings[row]))]);
    }

    private static TrainingSet Set((string? User, string Item, double Rating)[] rows) => TrainingSet.Create(
        new Table(
        [
            CategoricalColumn.FromValues("user", ColumnType.Id, rows.Select(r => r.User)),
            CategoricalColumn.FromValues("item", ColumnType.Id, rows.Select(r => r.Item)),
            new Column<double>("rating", ColumnType.Numeric, [.. rows.Select(r => r.Rating)]),
        ]), "rating", TaskKind.Recommendation, ["user", "item"]);
}
