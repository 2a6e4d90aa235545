using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Tabular;
using static Gyre.Fixtures.OnnxGraph;

namespace Gyre.Models.Tests;

/// <summary>Graphs of others with signatures of MLflow's <c>onnx</c> flavor.</summary>
public sealed class GraphModelTests
{
    [Fact]
    public void Load_ColumnsForOneTensor_StandsThemSideBySide()
    {
        using var model = Load(
            Echo(("x", Float32, [-1, 2])),
            """[{"type":"double","name":"b"},{"type":"long","name":"a"}]""");

        var output = Assert.Single(model.Run(new Table(model.Columns!, [ // columns, as the signature says
            new Column<double>("b", ColumnType.Numeric, [1.5, double.NaN]),
            new Column<long>("a", ColumnType.Integer, [7, 8])])));

        Assert.Equal([1.5f, 7, float.NaN, 8], Floats(output));
    }

    [Fact]
    public void Load_TextColumnsForOneTensor_StandsThemSideBySide()
    {
        using var model = Load(
            Echo(("x", Text, [-1, 2])), """[{"type":"string","name":"b"},{"type":"string","name":"a"}]""");

        var output = Assert.Single(model.Run(new Table(model.Columns!, [
            CategoricalColumn.FromValues("b", ColumnType.Categorical, ["one", "two"]),
            CategoricalColumn.FromValues("a", ColumnType.Categorical, ["three", "four"])])));

        Assert.Equal(["one", "three", "two", "four"], output.Texts);
    }

    [Fact]
    public void Load_MoreColumnsThanInputs_TakesThoseOfTheirNames()
    {
        using var model = Load(
            Echo(("x", Float32, [-1, 1]), ("y", OnnxGraph.Int64, [-1])),
            """[{"type":"double","name":"in_x"},{"type":"string","name":"id"},{"type":"long","name":"in_y"}]""");

        var outputs = model.Run(new Table(model.Columns!, [
            new Column<double>("in_x", ColumnType.Numeric, [0.5]),
            CategoricalColumn.FromValues("id", ColumnType.Categorical, ["k"]),
            new Column<long>("in_y", ColumnType.Integer, [long.MaxValue])]));

        Assert.Equal([0.5f], Floats(outputs[0]));
        Assert.Equal(long.MaxValue, BitConverter.ToInt64(outputs[1].Bytes));
    }

    [Fact]
    public void Load_OneColumnOfAnotherName_IsTheOnlyInput()
    {
        using var model = Load(Echo(("x", Float32, [-1])), """[{"type":"double","name":"text length"}]""");

        Assert.Equal(["text length"], model.Columns!.Select(column => column.Name));
    }

    [Fact]
    public void Load_ColumnsOfArrays_AreTensors()
    {
        using var model = Load(
            Echo(("x", Float32, [-1, 2])),
            """[{"type":"array","items":{"type":"double"},"name":"embedding","required":true}]""");

        Assert.Null(model.Columns);
        Assert.Equal("-1,2", string.Join(',', Assert.Single(model.Inputs).Shape));
    }

    [Fact]
    public void Load_SignatureOfTensors_NarrowsTheInputsAndDescribesTheOutputsThatFit()
    {
        using var model = Load(
            Echo(("x", Float32, [-1, -2]), ("y", Float32, [-1])),
            """
            [{"type":"tensor","name":"in_x","tensor-spec":{"dtype":"float64","shape":[-1,4]}},
             {"type":"tensor","name":"in_y","tensor-spec":{"dtype":"float32","shape":[-1]}}]
            """,
            """
            [{"type":"tensor","name":"x","tensor-spec":{"dtype":"float32","shape":[-1,4]}},
             {"type":"tensor","name":"y","tensor-spec":{"dtype":"float32","shape":[-1,1,1]}},
             {"type":"tensor","name":"no output of the graph","tensor-spec":{"dtype":"float32","shape":[-1]}}]
            """);

        Assert.Equal("-1,4", string.Join(',', model.Inputs[0].Shape));
        Assert.Equal(["-1,4", "-1"], model.Outputs.Select(output => string.Join(',', output.Shape)));
    }

    [Theory]
    [InlineData("""[{"type":"double","name":"a"},{"type":"double","name":"b"},{"type":"double","name":"c"}]""", "'in_x' [-1, 2]")]
    [InlineData("""[{"type":"string","name":"a"},{"type":"double","name":"b"}]""", "neither named")]
    [InlineData("""[{"type":"datetime","name":"at"},{"type":"double","name":"b"}]""", "'at'")]
    [InlineData("""[{"type":"tensor","name":"x","tensor-spec":{"dtype":"float32","shape":[-1,2]}}]""", "It has 'in_x'")]
    [InlineData("""[{"type":"tensor","tensor-spec":{"dtype":"float32","shape":[-1,3]}}]""", "[-1, 3] in the signature")]
    [InlineData("""[{"type":"tensor"}""", "MLmodel")]
    public void Load_SignatureOfAnotherGraph_IsRefusedWithTheCause(string inputs, string cause)
    {
        var refused = Assert.Throws<GyreException>(() => Load(Echo(("x", Float32, [-1, 2])), inputs));

        Assert.Equal(ErrorCode.InvalidInput, refused.Code);
        Assert.Contains(cause, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(999, 8, "uses opset 999 of 'ai.onnx'")]
    [InlineData(17, 99, "IR version 99")]
    public void Load_GraphNewerThanTheEngine_SaysWhatTheEngineKnows(int opset, int version, string cause)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.onnx"), Echo(("x", Float32, [-1])).Build(opset, version));

        var refused = Assert.Throws<GyreException>(() => GraphModel.Load(folder.Path));

        Assert.Equal(ErrorCode.InvalidInput, refused.Code);
        Assert.Contains("model.onnx", refused.Message, StringComparison.Ordinal);
        Assert.Contains(cause, refused.Message, StringComparison.Ordinal);
        Assert.Contains("up to", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("onnxruntime_src", refused.Message, StringComparison.Ordinal);
    }

    private static GraphModel Load(OnnxGraph graph, string inputs, string outputs = "[]")
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.onnx"), graph.Build());
        File.WriteAllText(folder.File("MLmodel"), $$"""
            flavors:
              onnx: {data: model.onnx}
            signature:
              inputs: '{{inputs.ReplaceLineEndings(" ")}}'
              outputs: '{{outputs.ReplaceLineEndings(" ")}}'
            """);
        return GraphModel.Load(folder.Path);
    }

    private static float[] Floats(TensorValue tensor) =>
        [.. Enumerable.Range(0, tensor.Count).Select(i => BitConverter.ToSingle(tensor.Bytes, i * sizeof(float)))];
}
