using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Tests;

public sealed class FrozenFeaturesTests : IDisposable
{
    private static readonly ImageShape Shape = new(8, 8, 1);

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("linear")]
    [InlineData("mlp")]
    public void Train_HeadOverANetworkCutBeforeItsLastLayer_LearnsAndExportsBoth(string head)
    {
        var network = Network();
        var extractor = new OnnxExtractor(network, "embedding");
        var (train, test) = (Rows(300, 1), Rows(120, 2));
        var trainer = TransformingTrainer.Wrap(
            TrainerFactory.Create(head, new Dictionary<string, string>(), TaskKind.Binary),
            [new TransformSettings("deep", TransformKind.Frozen, ["image"], 0) { Extractor = extractor }]);

        var fitted = trainer.Train(Set(train, TaskKind.Binary, "lying"), null, new TrainingContext());

        var expected = Set(test, TaskKind.Binary, "lying");
        Assert.True(Metrics.Evaluate(expected, fitted.Predict(test))["roc_auc"] > 0.9);
        using var scorer = ModelScorer.FromBytes(OnnxExporter.Export(fitted, [], test.Schema));
        Assert.Equal(["image"], scorer.Inputs.Select(c => c.Name));
        var report = ParityCheck.Compare(fitted.Predict(test), scorer, test);
        Assert.True(report.Passed, report.ToString());
    }

    [Theory]
    [InlineData("nothing", "its graph has no value 'nothing'")]
    [InlineData("label", "network.onnx: ")] // text, which is no feature
    public void Extract_ValueThatIsNoFeature_NamesTheFile(string output, string message)
    {
        var error = Assert.Throws<GyreException>(
            () => new OnnxExtractor(Network(), output).Extract((ImageColumn)Rows(3, 1)["image"]));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Extract_ImagesOfAnotherSizeOrNoFile_SaysSo()
    {
        var other = new ImageColumn("image", new ImageShape(9, 8, 1), new byte[72]);
        var size = Assert.Throws<GyreException>(() => new OnnxExtractor(Network(), "embedding").Extract(other));
        Assert.Contains("its input takes [0, 8, 8, 1]; the images are 9x8", size.Message, StringComparison.Ordinal);
        var absent = Assert.Throws<GyreException>(() => new OnnxExtractor(_folder.File("none.onnx"), null).Extract(other));
        Assert.Contains("cannot be read", absent.Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.File("text.onnx"), "no model");
        Assert.Throws<GyreException>(() => new OnnxExtractor(_folder.File("text.onnx"), null).Extract(other));
    }

    public void Dispose() => _folder.Dispose();

    private string Network()
    {
        var rows = Rows(400, 3);
        var options = new CnnOptions { Channels = [6, 8], Hidden = [12], Epochs = 12, BatchSize = 16, LearningRate = 0.01, Dropout = 0 };
        var fitted = new CnnTrainer(options).Train(Set(rows, TaskKind.Multiclass, null), null, new TrainingContext());
        File.WriteAllBytes(_folder.File("network.onnx"), OnnxExporter.Export(fitted, [], rows.Schema));
        return _folder.File("network.onnx");
    }

    private static TrainingSet Set(Table rows, TaskKind task, string? positive) => TrainingSet.Create(
        task == TaskKind.Binary ? rows.Without("kind") : rows.Without("lies"), task == TaskKind.Binary ? "lies" : "kind", task, ["image"]);

    // A bright bar somewhere that lies or stands, or none.
    private static Table Rows(int count, int seed)
    {
        var random = new Random(seed);
        var pixels = new byte[count * Shape.Size];
        random.NextBytes(pixels);
        foreach (ref var pixel in pixels.AsSpan()) pixel /= 4;
        var kinds = new int[count];
        for (var row = 0; row < count; row++)
        {
            kinds[row] = random.Next(3);
            var (x, y) = (random.Next(4), random.Next(4));
            for (var i = 0; i < 4 && kinds[row] < 2; i++)
                pixels[(row * 64) + ((y + (kinds[row] == 1 ? i : 0)) * 8) + x + (kinds[row] == 0 ? i : 0)] = 220;
        }

        return new Table(
        [
            new ImageColumn("image", Shape, pixels),
            CategoricalColumn.FromValues("kind", ColumnType.Categorical, kinds.Select(k => $"kind {k}")),
            new Column<bool>("lies", ColumnType.Boolean, [.. kinds.Select(k => k == 0)]),
        ]);
    }
}
