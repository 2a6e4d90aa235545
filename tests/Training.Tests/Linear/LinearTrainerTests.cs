using System.Text.Json;
using Gyre.Tabular;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.Linear;

public sealed class LinearTrainerTests
{
    [Theory]
    [InlineData("ridge", "value", TaskKind.Regression)]
    [InlineData("logistic", "binary", TaskKind.Binary)]
    [InlineData("softmax", "multi", TaskKind.Multiclass)]
    public void Train_AgainstScikitLearn_SameModel(string model, string target, TaskKind task)
    {
        var file = GoldenFile.Read("linear.json");
        var golden = file.GetProperty(model);
        var table = Rows(file, target, task);
        var trainer = new LinearTrainer(new LinearOptions { L2 = 2.5, Tolerance = 1e-9, MaxIterations = 5000 });
        var pipeline = trainer.Train(TrainingSet.Create(table, target, task, ["a", "b", "c"]), null,
            new TrainingContext());
        var fitted = Assert.IsType<LinearModel>(pipeline.Model);

        // Weights are kept as float32 (relative 6e-8); means and scales too, which moves standardised values by as
        // much.
        AssertClose(golden.Numbers("weights"), [.. fitted.Weights.Select(w => (double)w)], 2e-5);
        AssertClose(golden.Numbers("predictions"), pipeline.Predict(table).Values.ToArray(), 2e-5);
        if (task != TaskKind.Multiclass) // softmax intercepts have a free common shift
            AssertClose(golden.Numbers("intercepts"), [.. fitted.Intercepts.Select(w => (double)w)], 2e-5);
    }

    [Fact]
    public void Train_RidgeByDescent_SameAsSolved()
    {
        var set = Synthetic.Set(TaskKind.Regression, 400);
        var preprocessing = LinearPreprocessingFitter.Fit(set, 255);
        var design = DesignMatrix.Create(preprocessing, set.Features);
        var solved = new NormalEquations(design, set.Target, set.Weights, default).Solve(1, default);
        var objective = new LinearObjective(design, set, 1, new TrainingContext());
        var point = new double[objective.Size];
        Assert.True(
            new Numerics.Lbfgs(maxIterations: 1000, tolerance: 1e-10).Minimize(point, objective.Evaluate).Converged);
        AssertClose(solved, point, 1e-6);
    }

    [Fact]
    public void Train_NoPenaltyOnDependentInputs_StillFits()
    {
        var set = Synthetic.Set(TaskKind.Regression, 300);
        var pipeline = new LinearTrainer(new LinearOptions { L2 = 0 }).Train(set, null, new TrainingContext());
        Assert.True(Metrics.Compute("r2", set.Target, pipeline.Predict(set.Features)) > 0.5);
    }

    [Fact]
    public void Predict_UnknownAndMissingCategories_UseTheirBuckets()
    {
        var set = Synthetic.Set(TaskKind.Binary, 300);
        var pipeline = new LinearTrainer().Train(set, null, new TrainingContext());
        var feature =
            Assert.IsType<CategoricalLinearFeature>(((LinearPreprocessing)pipeline.Preprocessing).Features[^1]);
        var model = (LinearModel)pipeline.Model;
        var block = model.Width - feature.Width;
        Assert.Equal(0, model.Weights[block + feature.UnknownPosition]);
        Assert.NotEqual(0, model.Weights[block + feature.MissingPosition]);
        var rows = set.Features.Take([0, 0, 0]).Without("color")
            .With(CategoricalColumn.FromValues("color", ColumnType.Categorical, ["violet", null, ""]));
        var predictions = pipeline.Predict(rows).Values.ToArray();
        Assert.NotEqual(predictions[0], predictions[1]);
        Assert.Equal(predictions[1], predictions[2]);
    }

    [Fact]
    public void Train_ConstantAndAllMissingColumns_Harmless()
    {
        var table = new Table(
        [
            new Column<double>("constant", ColumnType.Numeric, [1e6, 1e6, 1e6, 1e6]),
            new Column<double>("empty", ColumnType.Numeric, [double.NaN, double.NaN, double.NaN, double.NaN]),
            new Column<double>("y", ColumnType.Numeric, [1, 2, 3, 4]),
        ]);
        var pipeline = new LinearTrainer().Train(
            TrainingSet.Create(table, "y", TaskKind.Regression, ["constant", "empty"]), null, new TrainingContext());
        Assert.All(pipeline.Predict(table).Values.ToArray(), p => Assert.Equal(2.5, p, 1e-6));
    }

    private static Table Rows(JsonElement file, string target, TaskKind task) => new(
    [
        new Column<double>("a", ColumnType.Numeric, file.Numbers("a")),
        new Column<double>("b", ColumnType.Numeric, file.Numbers("b")),
        CategoricalColumn.FromValues("c", ColumnType.Categorical,
            file.GetProperty("c").EnumerateArray().Select(c => c.GetString())),
        task == TaskKind.Regression
            ? new Column<double>(target, ColumnType.Numeric, file.Numbers(target))
            : new Column<long>(target, ColumnType.Integer, Array.ConvertAll(file.Numbers(target), v => (long)v)),
    ]);

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"{i}: {expected[i]} {actual[i]}");
    }
}
