using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Tests;

/// <summary>What every tree trainer must refuse or survive: never a model that predicts NaN.</summary>
public sealed class BadInputTests
{
    public static TheoryData<string> Trainers => ["boosting", "random_forest", "extra_trees"];

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Train_TargetOfOneValue_PredictsIt(string trainer)
    {
        var set = Set(Numbers(200, i => i), Numbers(200, _ => 3.5));

        Assert.All(Predict(trainer, set), p => Assert.Equal(3.5, p));
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Train_OneClass_Refused(string trainer)
    {
        var set = Synthetic.Set(TaskKind.Binary, 100);
        int[] positive = [.. Enumerable.Range(0, 100).Where(row => set.Target[row] == 1)];

        var error = Assert.Throws<GyreException>(() => Predict(trainer, set.Take(positive)));

        Assert.True(error.IsUserError);
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Train_MoreClassesThanRows_Refused(string trainer) => Assert.Contains(
        "3 classes but there are 2 rows", Assert.Throws<GyreException>(
            () => Predict(trainer, Synthetic.Set(TaskKind.Multiclass, 100).Take([0, 1]))).Message);

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Train_InfiniteValue_RefusedWithItsRow(string trainer) => Assert.Contains(
        "infinite (or beyond float32) in row 8", Assert.Throws<GyreException>(() => Predict(
            trainer, Set(Numbers(50, i => i == 7 ? double.PositiveInfinity : i), Numbers(50, i => i)))).Message);

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Train_OnlyMissingValues_PredictsTheMean(string trainer)
    {
        var predictions = Predict(trainer, Set(Numbers(150, _ => double.NaN), Numbers(150, i => i)));

        // A bootstrap's mean differs from the mean of all rows.
        Assert.All(predictions, p => Assert.Equal(74.5, p, trainer == "random_forest" ? 3 : 1e-4));
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Predict_CategoryUnseenInTraining_IsTreatedAsMissing(string trainer)
    {
        foreach (var task in new[] { TaskKind.Regression, TaskKind.Binary, TaskKind.Multiclass })
        {
            var pipeline = Train(trainer, Synthetic.Set(task, 400));
            var rows = Synthetic.Table(50, 2).Without("color");
            var unseen = rows.With(CategoricalColumn.FromValues(
                "color", ColumnType.Categorical, Enumerable.Repeat<string?>("violet", 50)));
            var missing = rows.With(CategoricalColumn.FromValues(
                "color", ColumnType.Categorical, Enumerable.Repeat<string?>(null, 50)));

            Assert.Equal(pipeline.Predict(missing).Values.ToArray(), pipeline.Predict(unseen).Values.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Train_HugeTargets_PredictsFiniteNumbers(string trainer)
    {
        foreach (var size in new[] { 1e-30, 1e20, 1e37 })
        {
            var predictions = Predict(trainer, Set(Numbers(300, i => i % 17), Numbers(300, i => (i % 17) * size)));

            Assert.All(predictions, p => Assert.True(double.IsFinite(p), $"{size}: {p}"));
            if (size > 1) Assert.True(predictions.Max() > 8 * size, $"{size}: {predictions.Max()}");
        }
    }

    [Fact]
    public void Train_TargetsBeyondGradients_Refused() => Assert.Contains(
        "beyond what gradients in float32 hold", Assert.Throws<GyreException>(
            () => Predict("boosting", Set(Numbers(50, i => i), Numbers(50, i => i * 6e36)))).Message);

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Train_WeightsOfZeroAndFarApart_PredictsFiniteNumbers(string trainer)
    {
        foreach (var task in new[] { TaskKind.Regression, TaskKind.Binary, TaskKind.Multiclass })
        {
            var set = Synthetic.Set(task, 300);
            var weighted = set.WithWeights([.. Numbers(300, i => i % 3 == 0 ? 0 : i % 3 == 1 ? 1e-9 : 1e9)]);

            Assert.All(Predict(trainer, weighted), p => Assert.True(double.IsFinite(p)));
        }
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Train_ClassesTellEachOtherApart_ProbabilitiesStayFinite(string trainer)
    {
        // Hessians fall towards 0 as the classes are told apart ever better.
        var set = Set(Numbers(400, i => i % 2), Numbers(400, i => i % 2), TaskKind.Binary);

        Assert.All(Predict(trainer, set), p => Assert.InRange(p, 0, 1));
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Train_BeyondTheMemoryLimit_SaysSoFirst(string trainer)
    {
        var context = new TrainingContext { MemoryLimit = 10_000 };
        var made = TrainerFactory.Create(trainer, new Dictionary<string, string>(), TaskKind.Regression);

        Assert.Contains("takes about", Assert.Throws<GyreException>(
            () => made.Train(Synthetic.Set(TaskKind.Regression, 2000), null, context)).Message);
    }

    private static double[] Predict(string trainer, TrainingSet set) =>
        Train(trainer, set).Predict(set.Features).Values.ToArray();

    private static FittedPipeline Train(string trainer, TrainingSet set) => TrainerFactory
        .Create(trainer, new Dictionary<string, string>(), set.Task).Train(set, null, new TrainingContext(Threads: 2));

    private static double[] Numbers(int rows, Func<int, double> value) => [.. Enumerable.Range(0, rows).Select(value)];

    private static TrainingSet Set(double[] x, double[] y, TaskKind task = TaskKind.Regression) => TrainingSet.Create(
        new Table([new Column<double>("x", ColumnType.Numeric, x), new Column<double>("y", ColumnType.Numeric, y)]),
        "y", task, ["x"]);
}
