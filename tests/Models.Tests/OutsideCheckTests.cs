using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Tests;

/// <summary>
/// Exported graphs before other eyes: the checker of ONNX and a plain evaluation by its specification.
/// </summary>
public sealed class OutsideCheckTests
{
    private static readonly string Script =
        Path.Combine(TestData.Root, "tests", "Models.Tests", "Golden", "check_model.py");

    [PythonTheory("onnx")]
    [InlineData("trees", TaskKind.Regression)]
    [InlineData("trees", TaskKind.Binary)]
    [InlineData("trees", TaskKind.Multiclass)]
    [InlineData("masks", TaskKind.Regression)]
    [InlineData("masks", TaskKind.Multiclass)]
    [InlineData("numbers", TaskKind.Regression)]
    [InlineData("numbers", TaskKind.Multiclass)]
    [InlineData("linear", TaskKind.Regression)]
    [InlineData("linear", TaskKind.Multiclass)]
    public void Export_ByTheSpecification_PredictsAsTheTrainer(string kind, TaskKind task)
    {
        using var folder = new TemporaryFolder();
        var pipeline = kind != "linear"
            ? TestModels.RandomTrees(task, kind == "masks" ? 43 : 12, 5, seed: 21, categories: kind != "numbers")
            : new LinearTrainer().Train(TestModels.TrainingSet(task), null, new TrainingContext());
        var rows = TestModels.Rows(60, seed: 22, unknown: true);
        var onnx = OnnxExporter.Export(pipeline, [], TestModels.Raw);
        Assert.Equal(kind == "masks", onnx.AsSpan().IndexOf("BitwiseAnd"u8) >= 0);
        File.WriteAllBytes(folder.File("model.onnx"), onnx);
        File.WriteAllText(folder.File("case.json"), Case(pipeline, rows));

        var (exitCode, output) = Python.Run(Script, folder.File("model.onnx"), folder.File("case.json"));

        Assert.True(exitCode == 0, output);
    }

    private static string Case(FittedPipeline pipeline, Table rows)
    {
        var predictions = pipeline.Predict(rows);
        var expected = Enumerable.Range(0, rows.RowCount).Select(row => pipeline.Task == TaskKind.Binary
            ? [1 - predictions.Values[row], predictions.Values[row]]
            : predictions.Values.Slice(row * predictions.Outputs, predictions.Outputs).ToArray());
        return JsonSerializer.Serialize(new
        {
            inputs = rows.Columns.ToDictionary(
                c => c.Name, c => Enumerable.Range(0, rows.RowCount).Select(row => c.ValueAt(row)).ToArray()),
            output = pipeline.Task == TaskKind.Regression ? "prediction" : "probabilities",
            expected,
        });
    }
}
