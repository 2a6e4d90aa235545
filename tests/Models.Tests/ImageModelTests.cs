using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Tests;

public sealed class ImageModelTests
{
    private static readonly ImageShape Shape = new(9, 8, 3);

    [Theory]
    [InlineData(TaskKind.Regression)]
    [InlineData(TaskKind.Binary)]
    [InlineData(TaskKind.Multiclass)]
    public void Export_ConvolutionalNetwork_PredictsAsTheTrainerDoes(TaskKind task)
    {
        var trainer = new CnnTrainer(new CnnOptions { Channels = [5, 9], Hidden = [7], Epochs = 2, BatchSize = 16 });
        Check(trainer, task, "image");
    }

    [Theory]
    [InlineData(TaskKind.Regression)]
    [InlineData(TaskKind.Binary)]
    [InlineData(TaskKind.Multiclass)]
    public void Export_PerceptronOfImagesAndOtherColumns_PredictsAsTheTrainerDoes(TaskKind task)
    {
        var trainer = new MlpTrainer(new MlpOptions { Hidden = [7], Epochs = 2, BatchSize = 16 });
        Check(trainer, task, "image", "x", "color", "second");
    }

    [Fact]
    public void Score_ImageOfAnotherSize_NamesBothSizes()
    {
        var rows = Rows(50, 1);
        var pipeline = new CnnTrainer(new CnnOptions { Channels = [2], Hidden = [], Epochs = 1 }).Train(
            TrainingSet.Create(rows, "many", TaskKind.Multiclass, ["image"]), null, new TrainingContext());
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], rows.Schema));
        Assert.Equal(Shape, scorer.Inputs["image"].Image);
        var error = Assert.Throws<GyreException>(() => scorer.Score(new Table(
            [new ImageColumn("image", new ImageShape(8, 9, 3), new byte[8 * 9 * 3])])));
        Assert.Contains("'image' are 8x9x3; the model needs 9x8x3", error.Message, StringComparison.Ordinal);
    }

    private static void Check(ITrainer trainer, TaskKind task, params string[] features)
    {
        var target = task == TaskKind.Regression ? "number" : task == TaskKind.Binary ? "two" : "many";
        var pipeline = trainer.Train(
            TrainingSet.Create(Rows(200, 1), target, task, features), null, new TrainingContext());
        var rows = Rows(150, 2);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(pipeline, [], rows.Schema));
        var report = ParityCheck.Compare(pipeline.Predict(rows), scorer, rows);
        Assert.True(report.Passed && report.Rows == 150, report.ToString());
        var one = rows.Take([17]);
        Assert.True(ParityCheck.Compare(pipeline.Predict(one), scorer, one).Passed);
    }

    private static Table Rows(int count, ulong seed)
    {
        var random = new Random((int)seed);
        var pixels = new byte[count * Shape.Size];
        var second = new byte[count * 4];
        var (x, label) = (new double[count], new string?[count]);
        var color = new string?[count];
        for (var row = 0; row < count; row++)
        {
            foreach (ref var pixel in pixels.AsSpan(row * Shape.Size, Shape.Size)) pixel = (byte)random.Next(256);
            foreach (ref var pixel in second.AsSpan(row * 4, 4)) pixel = (byte)random.Next(256);
            x[row] = random.Next(9) == 0 ? double.NaN : (random.NextDouble() * 4) - 2;
            color[row] = random.Next(5) switch { 0 => null, 1 => "red", 2 => $"new {seed}", _ => "blue" };
            label[row] = pixels[row * Shape.Size] > 120 ? "bright" : second[row * 4] > 120 ? "mid" : "dark";
        }

        return new Table(
        [
            new ImageColumn("image", Shape, pixels), new ImageColumn("second", new ImageShape(2, 2, 1), second),
            new Column<double>("x", ColumnType.Numeric, x),
            CategoricalColumn.FromValues("color", ColumnType.Categorical, color),
            new Column<double>("number", ColumnType.Numeric, [.. label.Select(l => l!.Length + random.NextDouble())]),
            new Column<bool>("two", ColumnType.Boolean, [.. label.Select(l => l == "bright")]),
            CategoricalColumn.FromValues("many", ColumnType.Categorical, label),
        ]);
    }
}
