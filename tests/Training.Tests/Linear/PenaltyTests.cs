using System.Text.Json;
using Gyre.Tabular;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.Linear;

/// <summary>L1, elastic net and row weights against scikit-learn, see Golden/text.py.</summary>
public sealed class PenaltyTests
{
    private const int Rows = 150;

    private static readonly JsonElement File = GoldenFile.Read("text.json");

    [Theory]
    [InlineData("elastic", 0.1 * 0.6 * Rows, 0.1 * 0.4 * Rows)]
    [InlineData("lasso", 0.5 * Rows, 0)]
    public void Train_LeastSquaresWithL1_SameAsScikitLearn(string golden, double l1, double l2)
    {
        var model = Train("value", TaskKind.Regression, new LinearOptions { L1 = l1, L2 = l2, Tolerance = 1e-10 });
        AssertClose(File.GetProperty(golden).Numbers("weights"), model.Weights, 1e-5);
        AssertClose(File.GetProperty(golden).Numbers("intercepts"), model.Intercepts, 1e-5);
    }

    [Fact]
    public void Train_LogisticWithL1_SameAsScikitLearn()
    {
        var model = Train("first", TaskKind.Binary, new LinearOptions { L1 = 10, Tolerance = 1e-8 });
        AssertClose(File.GetProperty("sparse").Numbers("weights"), model.Weights, 1e-4);
        AssertClose(File.GetProperty("sparse").Numbers("intercepts"), model.Intercepts, 1e-4);
        Assert.Contains(0f, model.Weights);
    }

    [Fact]
    public void Train_SoftmaxWithElasticNet_SameAsScikitLearn()
    {
        var model = Train("three", TaskKind.Multiclass, new LinearOptions { L1 = 2.5, L2 = 2.5, Tolerance = 1e-8 });
        AssertClose(File.GetProperty("mixed").Numbers("weights"), model.Weights, 1e-4);
    }

    [Fact]
    public void Train_LogisticWithRowWeights_SameAsScikitLearn()
    {
        var model = Train("first", TaskKind.Binary, new LinearOptions { Tolerance = 1e-9 }, weighted: true);
        AssertClose(File.GetProperty("weighted").Numbers("weights"), model.Weights, 2e-5);
        AssertClose(File.GetProperty("weighted").Numbers("intercepts"), model.Intercepts, 2e-5);
    }

    [Fact]
    public void Train_LeastSquaresWithWholeWeights_SameAsRepeatedRows()
    {
        var set = Set("value", TaskKind.Regression);
        var weights = File.Numbers("weight");
        int[] repeated = [.. Enumerable.Range(0, Rows).SelectMany(r => Enumerable.Repeat(r, (int)weights[r]))];
        var options = new LinearOptions { L1 = 3, L2 = 2, Tolerance = 1e-12, MaxIterations = 5000 };

        // The same scales on both sides: they are learnt from rows, whatever their weights.
        var preprocessing = LinearPreprocessingFitter.Fit(set, 10);
        double[] Solve(TrainingSet s) => new NormalEquations(
            DesignMatrix.Create(preprocessing, s.Features), s.Target, s.Weights, default)
            .Descend(options.L1, 2, options.MaxIterations, options.Tolerance, default);
        var one = Solve(set.WithWeights(weights));
        var other = Solve(set.Take(repeated));
        for (var i = 0; i < one.Length; i++) Assert.Equal(other[i], one[i], 1e-9);
    }

    [Fact]
    public void Train_TextByLogisticRegression_SameAsScikitLearn()
    {
        var table = new Table(
        [
            CategoricalColumn.FromValues("text", ColumnType.Text,
                File.GetProperty("sentences").EnumerateArray().Select(s => s.GetString())),
            new Column<long>("label", ColumnType.Integer, Array.ConvertAll(File.Numbers("labels"), v => (long)v)),
        ]);
        var set = TrainingSet.Create(table, "label", TaskKind.Binary, ["text"]);
        var pipeline = new LinearTrainer(new LinearOptions { Tolerance = 1e-9 }).Train(set, null, new TrainingContext());
        var said = pipeline.Predict(table).Values.ToArray();
        var golden = File.Numbers("text");
        for (var i = 0; i < golden.Length; i++) Assert.Equal(golden[i], said[i], 1e-5);
    }

    private static LinearModel Train(string target, TaskKind task, LinearOptions options, bool weighted = false)
    {
        var set = Set(target, task).WithWeights(weighted ? File.Numbers("weight") : null);
        var pipeline = new LinearTrainer(options with { MaxIterations = 5000 }).Train(set, null, new TrainingContext());
        return Assert.IsType<LinearModel>(pipeline.Model);
    }

    private static TrainingSet Set(string target, TaskKind task)
    {
        var three = File.Numbers("three");
        Column column = target switch
        {
            "value" => new Column<double>(target, ColumnType.Numeric, File.Numbers("value")),
            "first" => new Column<bool>(target, ColumnType.Boolean, Array.ConvertAll(three, v => v == 0)),
            _ => new Column<long>(target, ColumnType.Integer, Array.ConvertAll(three, v => (long)v)),
        };
        string[] features = ["a", "b", "c"];
        var table = new Table([.. features.Select(f => new Column<double>(f, ColumnType.Numeric, File.Numbers(f))), column]);
        return TrainingSet.Create(table, target, task, features);
    }

    private static void AssertClose(double[] expected, IReadOnlyList<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Count);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance);
    }
}
