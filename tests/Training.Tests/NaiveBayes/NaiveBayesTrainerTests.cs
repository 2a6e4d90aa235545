using System.Text.Json;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.NaiveBayes;

/// <summary>Naive Bayes against scikit-learn, see Golden/text.py.</summary>
public sealed class NaiveBayesTrainerTests
{
    private static readonly JsonElement File = GoldenFile.Read("text.json");

    [Fact]
    public void Train_WeightedTexts_SameAsMultinomial()
    {
        var table = new Table(
        [
            CategoricalColumn.FromValues("text", ColumnType.Text,
                File.GetProperty("sentences").EnumerateArray().Select(s => s.GetString())),
            new Column<long>("label", ColumnType.Integer, Array.ConvertAll(File.Numbers("labels"), v => (long)v)),
        ]);
        var set = TrainingSet.Create(table, "label", TaskKind.Binary, ["text"]).WithWeights(File.Numbers("weights"));
        AssertSame("multinomial", set);
    }

    [Fact]
    public void Train_WeightedNumbers_SameAsGaussian()
    {
        string[] names = ["a", "b", "c"];
        var numbers = names.Select(n => new Column<double>(n, ColumnType.Numeric, File.Numbers(n)));
        var set = TrainingSet.Create(new Table([.. numbers, Three()]), "three", TaskKind.Multiclass, names);
        AssertSame("gaussian", set.WithWeights(File.Numbers("weight")));
    }

    [Fact]
    public void Train_Categories_SameAsCategorical()
    {
        var color = CategoricalColumn.FromValues("color", ColumnType.Categorical,
            File.GetProperty("color").EnumerateArray().Select(c => c.GetString()));
        AssertSame("categorical", TrainingSet.Create(new Table([color, Three()]), "three", TaskKind.Multiclass, ["color"]));
    }

    [Fact]
    public void Train_TruthValues_SameAsTwoCategories()
    {
        var flags = File.Numbers("a").Select(v => v > 3).ToArray();
        var missing = flags.Select((_, i) => i % 7 == 0).ToArray();
        var asFlag = new Column<bool>("f", ColumnType.Boolean, flags, missing);
        var asName = CategoricalColumn.FromValues("f", ColumnType.Categorical,
            flags.Select((f, i) => missing[i] ? null : f ? "yes" : "no"));
        var one = Predict(TrainingSet.Create(new Table([asFlag, Three()]), "three", TaskKind.Multiclass, ["f"]));
        var other = Predict(TrainingSet.Create(new Table([asName, Three()]), "three", TaskKind.Multiclass, ["f"]));
        for (var i = 0; i < one.Length; i++) Assert.Equal(other[i], one[i], 1e-6);
    }

    [Fact]
    public void Predict_MissingAndUnknown_TellNothing()
    {
        var table = new Table(
        [
            new Column<double>("x", ColumnType.Numeric, [1, 2, 3, 4, 1, 9]),
            CategoricalColumn.FromValues("c", ColumnType.Categorical, ["r", "r", "g", "g", "r", "g"]),
            new Column<bool>("y", ColumnType.Boolean, [false, false, true, true, false, true]),
        ]);
        var pipeline = new NaiveBayesTrainer().Train(
            TrainingSet.Create(table, "y", TaskKind.Binary, ["x", "c"]), null, new TrainingContext());
        var rows = new Table(
        [
            new Column<double>("x", ColumnType.Numeric, [double.NaN, double.NaN]),
            CategoricalColumn.FromValues("c", ColumnType.Categorical, [null, "violet"]),
        ]);
        Assert.All(pipeline.Predict(rows).Values.ToArray(), p => Assert.Equal(0.5, p, 1e-6));
    }

    [Fact]
    public void Train_Regression_IsRefused()
    {
        var table = new Table([new Column<double>("x", ColumnType.Numeric, [1, 2]), new Column<double>("y", ColumnType.Numeric, [1, 2])]);
        var set = TrainingSet.Create(table, "y", TaskKind.Regression, ["x"]);
        var error = Assert.Throws<GyreException>(() => new NaiveBayesTrainer().Train(set, null, new TrainingContext()));
        Assert.Contains("target 'y' is a number", error.Message);
    }

    private static Column<long> Three() =>
        new("three", ColumnType.Integer, Array.ConvertAll(File.Numbers("three"), v => (long)v));

    private static void AssertSame(string golden, TrainingSet set)
    {
        var (expected, said) = (File.Numbers(golden), Predict(set));
        Assert.Equal(expected.Length, said.Length);
        for (var i = 0; i < said.Length; i++) Assert.Equal(expected[i], said[i], 2e-5);
    }

    private static double[] Predict(TrainingSet set) =>
        new NaiveBayesTrainer().Train(set, null, new TrainingContext()).Predict(set.Features).Values.ToArray();
}
