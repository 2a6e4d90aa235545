using System.Text.Json;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.Transforms;

public sealed class TransformTests
{
    private static readonly JsonElement Expected = GoldenFile.Read("transforms.json");
    private static readonly Table Rows = new(
        Matrix("columns").Select((values, i) => new Column<double>($"x{i}", ColumnType.Numeric, values)));

    private static readonly TrainingContext Context = new();

    [Fact]
    public void Fit_Pca_GivesTheComponentsOfScikitLearn()
    {
        var settings = new TransformSettings("shape", TransformKind.Pca, ["x0", "x1", "x2", "x3", "x4"], 3);

        var pca = (PrincipalComponents)settings.Fit(Rows, Context);

        var columns = pca.Apply(Rows);
        Assert.Equal(["shape_1", "shape_2", "shape_3"], columns.Select(c => c.Name));
        var expected = Matrix("components");
        for (var row = 0; row < Rows.RowCount; row++)
        {
            for (var k = 0; k < 3; k++)
                Assert.Equal(expected[row][k], Math.Abs(((Column<double>)columns[k]).Values[row]), 1e-4);
        }

        Assert.Equal(Expected.Numbers("shares"), pca.ExplainedShare, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Move_FromGivenCenters_RestsWhereScikitLearnDoes()
    {
        float[] rows = [.. Matrix("standard").SelectMany(row => row).Select(v => (float)v)];
        float[] centers = [.. Matrix("start").SelectMany(row => row).Select(v => (float)v)];

        var inertia = ClustersFitter.Move(rows, 5, centers, CancellationToken.None);

        Assert.Equal(GoldenFile.Number(Expected.GetProperty("inertia")), inertia, 1e-3);
    }

    [Fact]
    public void Fit_KMeans_IsAsGoodAsTheBestOfScikitLearn()
    {
        var settings = new TransformSettings("group", TransformKind.KMeans, ["x0", "x1", "x2", "x3", "x4"], 4) { Distances = true };

        var distances = settings.Fit(Rows, Context).Apply(Rows);

        var inertia = Enumerable.Range(0, Rows.RowCount)
            .Sum(row => distances.Min(c => Math.Pow(((Column<double>)c).Values[row], 2)));
        Assert.True(inertia < 1.01 * GoldenFile.Number(Expected.GetProperty("best")), $"{inertia}");
        var nearest = (CategoricalColumn)Assert.Single((settings with { Distances = false }).Fit(Rows, Context).Apply(Rows));
        for (var row = 0; row < Rows.RowCount; row++)
        {
            var closest = distances.Index().MinBy(c => ((Column<double>)c.Item).Values[row]).Index;
            Assert.Equal($"c{closest + 1}", nearest.StringAt(row));
        }
    }

    [Fact]
    public void Train_WithTransforms_LearnsThemFromTrainingRowsOnly()
    {
        var set = Synthetic.Set(TaskKind.Regression, 400);
        var trainer = TransformingTrainer.Wrap(
            new LinearTrainer(), [new TransformSettings("p", TransformKind.Pca, ["a", "b", "n"], 2)]);
        int[] train = [.. Enumerable.Range(0, 200)];

        var alone = (TransformedModel)trainer.Train(set.Take(train), null, Context).Model;
        var watched = (TransformedModel)trainer.Train(set.Take(train), set.Take([.. Enumerable.Range(200, 200)]), Context).Model;

        Assert.Equal(
            ((PrincipalComponents)alone.Transforms[0]).Loadings.ToArray(), ((PrincipalComponents)watched.Transforms[0]).Loadings.ToArray());
        Assert.Equal(["a", "b", "n", "flag", "color", "p_1", "p_2"], alone.Inner.Inputs.Select(c => c.Name));
    }

    [Theory]
    [InlineData("color", "p", "holds no numbers")]
    [InlineData("nothing", "p", "there is no feature column 'nothing'")]
    [InlineData("a", "b", "adds a column 'b_1'")]
    public void Train_UnfitTransform_Refused(string column, string name, string cause)
    {
        var set = Synthetic.Set(TaskKind.Regression, 50);
        var named = TrainingSet.Create(
            Synthetic.Table(50, 1).With(new Column<double>("b_1", ColumnType.Numeric, new double[50])), "value",
            TaskKind.Regression, [.. Synthetic.Features, "b_1"]);
        var trainer = TransformingTrainer.Wrap(new LinearTrainer(), [new TransformSettings(name, TransformKind.Pca, [column], 1)]);

        var error = Assert.Throws<GyreException>(() => trainer.Train(name == "b" ? named : set, null, Context));

        Assert.Contains(cause, error.Message);
    }

    private static double[][] Matrix(string name) =>
        [.. Expected.GetProperty(name).EnumerateArray().Select(row => row.EnumerateArray().Select(GoldenFile.Number).ToArray())];
}
